"""Averages that leave the statistics behind, and those that take them along."""

import copy

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Linear(40, 2))
    return model, copy.deepcopy(model), torch.optim.SGD(model.parameters(), lr=0.1)


def parameters_only(loader, val_loader):
    model, ema, optimizer = make()
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            for average, p in zip(ema.parameters(), model.parameters()):
                average.mul_(0.99).add_(p, alpha=0.01)  # want RGL308
    ema.eval()
    with torch.no_grad():
        print(sum((ema(x).argmax(1) == y).sum().item() for x, y in val_loader))


def whole_state(loader, val_loader):
    model, ema, optimizer = make()
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            for average, p in zip(ema.parameters(), model.parameters()):
                average.mul_(0.99).add_(p, alpha=0.01)
            for average, buffer in zip(ema.buffers(), model.buffers()):
                average.copy_(buffer)
    ema.eval()
    with torch.no_grad():
        print(sum((ema(x).argmax(1) == y).sum().item() for x, y in val_loader))
