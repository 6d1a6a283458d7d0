"""A Sequential is one model: what it calls inside is not evaluated by itself, and one finding is enough."""

import torch
from torch import nn
from torch.nn import functional as F


def scores(loader, x_test):
    net = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Dropout(0.2), nn.Linear(40, 2))
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    first = net(x_test).detach()  # want RGL301 "Sequential"
    second = net(x_test + 1).detach()
    return (first - second).abs().mean()
