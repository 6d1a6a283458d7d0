"""Parameters that no optimizer owns, and those that one of several does."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Linear(20, 30)
        self.head = nn.Linear(30, 10)

    def forward(self, x):
        return self.head(torch.tanh(self.backbone(x)))


def head_swapped_afterwards(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)  # want RGL503
    model.head = nn.Linear(30, 2)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def head_swapped_before(loader):
    model = Net()
    model.head = nn.Linear(30, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def group_added(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.backbone.parameters(), lr=0.1)
    model.head = nn.Linear(30, 2)
    optimizer.add_param_group({"params": model.head.parameters()})
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def two_optimizers(loader):
    model = Net()
    slow = torch.optim.SGD(model.backbone.parameters(), lr=0.01)
    fast = torch.optim.SGD(model.head.parameters(), lr=0.1)
    for x, y in loader:
        slow.zero_grad()
        fast.zero_grad()
        F.cross_entropy(model(x), y).backward()
        slow.step()
        fast.step()
