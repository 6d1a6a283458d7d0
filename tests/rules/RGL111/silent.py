"""Products that are small, or not known."""

import torch
from torch import nn
from torch.nn import functional as F


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()


def usual_values(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4), loader)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.003, weight_decay=3), loader)


def large_decay_with_a_small_rate(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=10), loader)


def unknown_rate(loader, lr):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=lr, weight_decay=10), loader)


def unknown_decay(loader, wd):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=wd), loader)


def no_decay_at_a_huge_rate(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=100.0), loader)
