"""Loops in which nobody clears the gradients."""

import torch
from torch import nn
from torch.nn import functional as F


def plain(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in loader:
            loss = F.cross_entropy(model(x), y)
            loss.backward()  # want RGL401:error "never cleared"
            optimizer.step()


def cleared_once_before_the_loop(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.zero_grad()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()  # want RGL401:error "only outside of the loop"
        optimizer.step()


def cleared_once_per_epoch(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        model.zero_grad()
        for x, y in loader:
            F.cross_entropy(model(x), y).backward()  # want RGL401:error "only outside of the loop: each step of SGD adds up those since then"
            optimizer.step()


def not_called(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad
        loss = F.cross_entropy(model(x), y)
        loss.backward()  # want RGL401:error
        optimizer.step()


def the_wrong_optimizer(loader):
    encoder, head = nn.Linear(20, 8), nn.Linear(8, 2)
    opt_encoder = torch.optim.SGD(encoder.parameters(), lr=0.1)
    opt_head = torch.optim.SGD(head.parameters(), lr=0.1)
    for x, y in loader:
        opt_encoder.zero_grad()
        loss = F.cross_entropy(head(encoder(x)), y)
        loss.backward()  # want RGL401:error
        opt_encoder.step()
        opt_head.step()


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def run(self, loader):
        for x, y in loader:
            self.update(x, y)

    def update(self, x, y):
        loss = F.mse_loss(self.model(x), y)
        loss.backward()  # want RGL401:error
        self.optimizer.step()


def in_a_class(loader):
    Trainer(nn.Linear(3, 1)).run(loader)


def cleared_only_under_mixed_precision(loader, use_amp=False):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for x, y in loader:
        if use_amp:
            optimizer.zero_grad()
            with torch.autocast("cuda"):
                loss = F.cross_entropy(model(x), y)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss = F.cross_entropy(model(x), y)
            loss.backward()  # want RGL401:error
            optimizer.step()
