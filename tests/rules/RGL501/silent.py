"""Freezes that work, names that belong to others, thawing on purpose."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(20, 40), nn.ReLU())
        self.head = nn.Linear(40, 2)

    def forward(self, x):
        return self.head(self.features(x))


def parameters_one_by_one():
    model = Net()
    for p in model.features.parameters():
        p.requires_grad = False
    model.head.bias.requires_grad = False
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)


def by_the_method():
    model = Net()
    model.features.requires_grad_(False)
    for p in model.head.parameters():
        p.requires_grad_(False)
    return model


def tensors(x):
    x.requires_grad = True
    F.mse_loss(x, torch.zeros_like(x)).backward()
    return x.grad


def thawed_after_some_epochs(loader):
    model = Net()
    for p in model.features.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        if epoch == 5:
            for p in model.features.parameters():
                p.requires_grad = True
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def everything_frozen_then_the_head_thawed():
    model = Net()
    for p in model.parameters():
        p.requires_grad = False
    for p in model.head.parameters():
        p.requires_grad = True
    return torch.optim.SGD(model.head.parameters(), lr=0.1)


class Settings:
    def __init__(self):
        self.require_grad = False


class Switchable(nn.Module):
    """Has a switch of this name itself."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    @property
    def requires_grad(self):
        return self.layer.weight.requires_grad

    @requires_grad.setter
    def requires_grad(self, value):
        for p in self.parameters():
            p.requires_grad = value


def own_names():
    settings = Settings()
    settings.require_grad = True
    switch = Switchable()
    switch.requires_grad = False
    return settings, switch
