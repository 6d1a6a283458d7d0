"""Optimizers that forget, and those that are meant to begin again."""

import torch
from torch import nn
from torch.nn import functional as F


def rebuilt_in_every_epoch(loader):
    model = nn.Linear(20, 2)
    for epoch in range(10):
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)  # want RGL407
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def one_for_each_phase(loader):
    model = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Linear(40, 2))
    for rate, epochs in ((1e-3, 10), (1e-4, 10)):
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        for epoch in range(epochs):
            for x, y in loader:
                optimizer.zero_grad()
                F.cross_entropy(model(x), y).backward()
                optimizer.step()


def before_the_model_moves(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.cuda()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x.cuda()), y.cuda()).backward()
        optimizer.step()


def one_of_two_kinds(loader, kind):
    model = nn.Linear(4, 1)
    for epoch in range(10):
        if kind == "adam":
            optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)  # want RGL407:warning "Adam"
        else:
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
