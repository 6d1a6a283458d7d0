"""Assignments to .grad that lose the gradient of the data."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
from torch import nn
from torch.nn import functional as F


class L1(nn.Module):
    """The wrapper of an often copied answer."""

    def __init__(self, module, weight_decay):
        super().__init__()
        self.module = module
        self.weight_decay = weight_decay
        self.hook = self.module.register_full_backward_hook(self._weight_decay_hook)

    def _weight_decay_hook(self, *_):
        for param in self.module.parameters():
            param.grad = self.regularize(param)  # want RGL105

    def regularize(self, parameter):
        return self.weight_decay * torch.sign(parameter.data)

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)


def train_with_the_wrapper(loader):
    model = nn.Sequential(L1(nn.Linear(20, 40), 1e-4), nn.ReLU(), L1(nn.Linear(40, 2), 1e-4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def between_backward_and_step(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for p in model.parameters():
            p.grad = 1e-4 * p.data  # want RGL105
        optimizer.step()


def noise_instead_of_noise_added(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for p in model.parameters():
            p.grad = 0.01 * torch.randn_like(p)  # want RGL105
        optimizer.step()
