"""backward() on a loss for each sample."""

import torch
from torch import nn
from torch.nn import functional as F


def functional(loader):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="none")
        loss.backward()  # want RGL215:error
        optimizer.step()


def module(loader):
    model = nn.Linear(20, 1)
    criterion = nn.MSELoss(reduction="none")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()  # want RGL215:error
        optimizer.step()
