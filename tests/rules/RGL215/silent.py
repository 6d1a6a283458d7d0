"""Reduced, one way or another."""

import torch
from torch import nn
from torch.nn import functional as F


def reduced(loader):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y, weight in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="none")
        (loss * weight).sum().backward(retain_graph=True)
        loss.mean().backward(retain_graph=True)
        loss.topk(8).values.mean().backward(retain_graph=True)
        loss.backward(gradient=torch.ones_like(loss), retain_graph=True)
        loss.backward(torch.ones_like(loss))
        optimizer.step()


def unknown(loader, criterion):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def one_prediction(x, y):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    F.mse_loss(model(x)[0, 0], y[0, 0], reduction="none").backward()
    optimizer.step()


def weighted(scores, target, reduction="none"):
    loss = F.binary_cross_entropy_with_logits(scores, target, reduction="none") * (1 + target)
    if reduction == "mean":
        loss = loss.mean()
    elif reduction == "sum":
        loss = loss.sum()
    return loss


def test_of_two_reductions(reduction):
    """Called with two of three."""
    scores = torch.randn(8, 2, requires_grad=True)
    loss = weighted(scores, torch.ones(8, 2), reduction=reduction)
    loss.backward()
