"""Evaluations that record a graph, and those that do not."""

import torch
from torch import nn
from torch.nn import functional as F


def records(train_loader, val_loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in train_loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    correct = 0
    for x, y in val_loader:
        correct += (model(x).argmax(1) == y).sum().item()  # want RGL305:note
    print(correct)


@torch.no_grad()
def decorated(model, loader):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


def switched_off(train_loader, val_loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in train_loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    print(decorated(model, val_loader))
    with torch.inference_mode():
        for x, y in val_loader:
            print((model(x).argmax(1) == y).sum().item())
