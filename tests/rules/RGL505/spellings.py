"""Groups that nobody uses, and those that are."""

import torch
from torch import nn


def dead():
    model = nn.Linear(20, 2)
    groups = [{"params": [model.weight], "weight_decay": 0.01}, {"params": [model.bias], "weight_decay": 0.0}]
    return torch.optim.SGD(model.parameters(), lr=0.1), model  # want RGL505:error


def used():
    model = nn.Linear(20, 2)
    groups = [{"params": [model.weight], "weight_decay": 0.01}, {"params": [model.bias], "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=0.1), model


def returned():
    model = nn.Linear(20, 2)
    groups = [{"params": [model.weight], "weight_decay": 0.01}]
    return torch.optim.SGD(model.parameters(), lr=0.1), groups
