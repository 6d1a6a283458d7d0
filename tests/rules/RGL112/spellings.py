"""Penalties whose equivalent weight_decay is said."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Linear(40, 2))
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def whole(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())  # want RGL112:note "0.002"
        loss.backward()
        optimizer.step()


def half(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 0.5 * 1e-3 * sum((p**2).sum() for p in model.parameters())  # want RGL112:note "0.001"
        loss.backward()
        optimizer.step()


def halved_by_division(loader, lam=0.01):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + lam / 2 * sum(torch.norm(p) ** 2 for p in model.parameters())  # want RGL112:note "0.01"
        loss.backward()
        optimizer.step()
