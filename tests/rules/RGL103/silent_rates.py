"""Norms of weights and gradients in the rate of a layer: nothing of them joins a loss."""
# quiet RGL603 -- as old code writes it

import torch
import torch.nn.functional as F
from torch import nn


def rate_of_each_layer(loader, weight_decay=1e-4, trust=1e-3):
    model = nn.Linear(30, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        with torch.no_grad():
            for p in model.parameters():
                size, slope = torch.norm(p), torch.norm(p.grad)
                rate = trust * size / (slope + weight_decay * size + 1e-8)
                p.grad.add_(p, alpha=weight_decay)
                p.grad.mul_(rate)
        optimizer.step()


class Adapted:
    def __init__(self, optimizer, trust=1e-3):
        self.optimizer = optimizer
        self.trust = trust

    def step(self):
        for group in self.optimizer.param_groups:
            weight_decay, group["weight_decay"] = group["weight_decay"], 0
            for p in group["params"]:
                size = torch.norm(p.data)
                slope = torch.norm(p.grad.data)
                p.grad.data += weight_decay * p.data
                p.grad.data *= self.trust * size / (slope + size * weight_decay)
        self.optimizer.step()


def wrapped(loader):
    model = nn.Linear(30, 2)
    optimizer = Adapted(torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4))
    for x, y in loader:
        optimizer.optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
