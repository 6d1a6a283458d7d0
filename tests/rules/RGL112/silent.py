"""Not an L2 penalty, switched off, or another rule has spoken."""

import torch
from torch import nn
from torch.nn import functional as F


def make(**options):
    model = nn.Linear(20, 2, bias=False)
    return model, torch.optim.SGD(model.parameters(), lr=0.1, **options)


def step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def l1(loader):
    model, optimizer = make()
    for x, y in loader:
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * model.weight.abs().sum())


def coefficient_of_zero(loader, l2=0.0):
    model, optimizer = make()
    for x, y in loader:
        step(optimizer, F.cross_entropy(model(x), y) + l2 * model.weight.pow(2).sum())


def unknown_coefficient(loader, l2):
    model, optimizer = make()
    for x, y in loader:
        step(optimizer, F.cross_entropy(model(x), y) + l2 * model.weight.pow(2).sum())


def double(loader):
    model, optimizer = make(weight_decay=1e-3)
    for x, y in loader:
        loss = F.cross_entropy(model(x), y) + 1e-3 * model.weight.pow(2).sum()  # want RGL101
        step(optimizer, loss)


def unsquared(loader):
    model, optimizer = make()
    for x, y in loader:
        l2 = model.weight.norm()  # want RGL103
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l2)


def squares_of_activations(loader):
    model, optimizer = make()
    for x, y in loader:
        output = model(x)
        step(optimizer, F.cross_entropy(output, y) + 1e-3 * output.pow(2).sum())


def weights_kept_by_hand(loader):
    w = torch.zeros(20, 2)
    for x, y in loader:
        print(F.cross_entropy(x @ w, y) + 1e-3 * w.pow(2).sum())
