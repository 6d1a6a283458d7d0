"""Sums of losses that keep their graphs, and those that do not."""

import torch
from torch import nn
from torch.nn import functional as F


def kept(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss  # want RGL408
    print(total / len(loader))


def numbers(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total, other, third = 0.0, 0.0, 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
        other += loss.detach()
        third += float(loss)
    print(total, other, third)


def back_propagated_together(batches):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in batches:
        optimizer.zero_grad()
        total = 0
        for x, y in batch:
            total += F.cross_entropy(model(x), y)
        total.backward()
        optimizer.step()


@torch.no_grad()
def under_no_grad(model, loader):
    total = 0
    for x, y in loader:
        total += F.cross_entropy(model(x), y)
    return total


class Meter:
    def __init__(self):
        self.sum = 0

    def update(self, value, n=1):
        self.sum += value * n


def a_number_times_what_nobody_knows(model, optimizer, batches, weights, count):
    """loss.item() has no graph; how often it is counted is a number, too."""
    meter = Meter()
    for x, y in batches:
        optimizer.zero_grad()
        loss = torch.sum(weights * nn.functional.mse_loss(model(x), y))
        loss.backward()
        optimizer.step()
        meter.update(loss.item(), count(x))
