"""Divisions that are no number of samples, sums that are divided as a whole, and the textbook's λ/2m."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(20, 20), nn.Linear(20, 2)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def make():
    model = Net()
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def mean_over_the_weights(loader):
    model, optimizer = make()
    weight = model.layers[0].weight
    for x, y in loader:
        optimizer.zero_grad()
        (F.cross_entropy(model(x), y) + 0.01 * weight.abs().sum() / weight.numel()).backward()
        optimizer.step()


def mean_over_the_layers(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        penalty = sum(layer.weight.abs().sum() for layer in model.layers) / len(model.layers)
        (F.cross_entropy(model(x), y) + 0.01 * penalty).backward()
        optimizer.step()


def both_divided(loader, accumulate=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = (F.cross_entropy(model(x), y) + 0.01 * model.layers[0].weight.abs().sum()) / accumulate
        loss.backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def divided_one_by_one(loader, batch_size):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="sum") / batch_size + 0.01 * model.layers[0].weight.abs().sum() / batch_size
        loss.backward()
        optimizer.step()


def not_of_parameters(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        hidden = model.layers[0](x)
        (F.cross_entropy(model.layers[1](hidden), y) + 0.01 * hidden.abs().sum() / x.size(0)).backward()
        optimizer.step()


def textbook(loader, lam=0.1):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        m = len(x)
        (F.cross_entropy(model(x), y) + lam / m * model.layers[0].weight.abs().sum()).backward()  # want RGL106:note "0.1 / len(x)"
        optimizer.step()


def added_to_each_sample(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l = F.cross_entropy(model(x), y, reduction="none") + 0.01 * model.layers[0].weight.abs().sum()  # want RGL106:note "once for each sample"
        l.sum().backward()
        optimizer.step()


def added_to_each_sample_and_averaged(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l = F.cross_entropy(model(x), y, reduction="none") + 0.01 * model.layers[0].weight.abs().sum()
        l.mean().backward()
        optimizer.step()


def by_hand_with_a_factor(X, Y, lam=0.1, alpha=0.05):
    theta, m = np.zeros(X.shape[1]), X.shape[0]
    for _ in range(100):
        theta -= alpha * (1 / m) * (X.T.dot(X.dot(theta) - Y) + lam * theta)  # want RGL106:note
    return theta


def by_hand_written_out(X, Y, lam=0.1, alpha=0.05):
    theta = np.zeros(X.shape[1])
    for _ in range(100):
        gradient = 1 / len(X) * (np.dot(X.T, np.dot(X, theta) - Y) + lam * theta)  # want RGL106:note
        theta = theta - alpha * gradient
    return theta


def divided_by_the_width(X, Y, width, lam=0.1, alpha=0.05):
    theta = np.zeros(X.shape[1])
    for _ in range(100):
        theta = theta - alpha * (X.T @ (X @ theta - Y) + lam * theta) / width
    return theta


def another_tensor(X, Y, prior, lam=0.1, alpha=0.05):
    theta = np.zeros(X.shape[1])
    for _ in range(100):
        theta = theta - alpha * (X.T @ (X @ theta - Y) + lam * prior) / len(Y)
    return theta
