"""Penalties whose strength depends on how many samples a step sees, and those that do not."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def divided_by_the_batch(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 0.01 * model.weight.abs().sum() / x.size(0)  # want RGL106:note
        loss.backward()
        optimizer.step()


def once_per_micro_batch(loader, accumulate=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y) / accumulate + 0.01 * model.weight.abs().sum()  # want RGL106:note
        loss.backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def not_divided(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        (F.cross_entropy(model(x), y) + 0.01 * model.weight.abs().sum()).backward()
        optimizer.step()


def a_sum_divided_together_with_the_penalty(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = (F.cross_entropy(model(x), y, reduction="sum") + 0.01 * model.weight.abs().sum()) / x.size(0)
        loss.backward()
        optimizer.step()


def from_scratch(X, Y, lam=0.1, alpha=0.05):
    beta = np.zeros(X.shape[1])
    for _ in range(100):
        gradient = X.T @ (1 / (1 + np.exp(-X @ beta)) - Y)
        gradient = (gradient + lam * beta) / len(Y)  # want RGL106:note
        beta = beta - alpha * gradient
    return beta


def from_scratch_as_torch_does(X, Y, lam=0.1, alpha=0.05):
    beta = np.zeros(X.shape[1])
    for _ in range(100):
        gradient = X.T @ (1 / (1 + np.exp(-X @ beta)) - Y) / len(Y)
        beta = beta - alpha * (gradient + lam * beta)
    return beta
