"""Steps that come before the gradient, and those that do not."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def wrong_order(loader):
    model, optimizer = make()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.step()  # want RGL403:error
        optimizer.zero_grad()
        loss.backward()


def straight_line(x, y):
    model, optimizer = make()
    loss = F.cross_entropy(model(x), y)
    optimizer.step()  # want RGL403:error
    loss.backward()


def right_order(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def closure(x, y):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.LBFGS(model.parameters())

    def evaluate():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    optimizer.step(evaluate)
