"""Decay that is decoupled, absent or not known, and optimizers that do not adapt."""

import torch
from torch import nn, optim
from torch.nn import functional as F


def fit(make, loader):
    net = nn.Linear(20, 2, bias=False)
    optimizer = make(net)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()


def adamw(loader):
    fit(lambda net: optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01), loader)


def decoupled_by_a_flag(loader):
    fit(lambda net: optim.Adam(net.parameters(), lr=1e-3, weight_decay=0.01, decoupled_weight_decay=True), loader)
    fit(lambda net: optim.NAdam(net.parameters(), lr=1e-3, weight_decay=0.01, decoupled_weight_decay=True), loader)
    fit(lambda net: optim.RAdam(net.parameters(), lr=1e-3, weight_decay=0.01, decoupled_weight_decay=True), loader)


def sgd(loader):
    fit(lambda net: optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4), loader)


def no_decay(loader):
    fit(lambda net: optim.Adam(net.parameters(), lr=1e-3), loader)
    fit(lambda net: optim.Adam(net.parameters(), lr=1e-3, weight_decay=0), loader)
    fit(lambda net: optim.RMSprop(net.parameters(), lr=1e-3, alpha=0.9, momentum=0.9), loader)


def unknown(loader, weight_decay, flag):
    fit(lambda net: optim.Adam(net.parameters(), lr=1e-3, weight_decay=weight_decay), loader)
    fit(lambda net: optim.Adam(net.parameters(), lr=1e-3, weight_decay=0.01, decoupled_weight_decay=flag), loader)


class Adam:
    """Not torch's."""

    def __init__(self, params, weight_decay=0.0):
        self.params = list(params)
        self.weight_decay = weight_decay

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        with torch.no_grad():
            for p in self.params:
                p.sub_(1e-3 * p.grad.sign() + 1e-3 * self.weight_decay * p)


def own_class(loader):
    fit(lambda net: Adam(net.parameters(), weight_decay=0.01), loader)


def compared():
    """A program that tries several strengths keeps the one that works in this form."""
    for decay in (1e-2, 1e-3, 1e-4):
        model = nn.Linear(4, 1, bias=False)
        optimizer = optim.Adam(model.parameters(), lr=0.01, weight_decay=decay)  # want RGL107:note
        for _ in range(10):
            optimizer.zero_grad()
            model(torch.randn(8, 4)).pow(2).mean().backward()
            optimizer.step()


compared()


def inverted(decayed=False):
    """`~` of a flag is true whichever it is: the second is never built."""
    model = nn.Linear(20, 2)
    return torch.optim.Adam(model.parameters()) if ~decayed else torch.optim.Adam(model.parameters(), weight_decay=0.1)
