"""Means that are divided once more."""

import torch
from torch import nn
from torch.nn import functional as F

BATCH_SIZE = 64


def make():
    model = nn.Linear(20, 4)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def divided_by_size(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) / x.size(0)  # want RGL204
        loss.backward()
        optimizer.step()


def divided_by_len(loader):
    model, optimizer = make()
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss = loss / len(x)  # want RGL204
        loss.backward()
        optimizer.step()


def divided_by_shape_in_place(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss /= x.shape[0]  # want RGL204
        loss.backward()
        optimizer.step()


def divided_by_numel(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        output = model(x)
        loss = F.mse_loss(output, y) / output.numel()  # want RGL204
        loss.backward()
        optimizer.step()


def divided_by_a_constant_called_batch_size(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) / BATCH_SIZE  # want RGL204
        loss.backward()
        optimizer.step()


class FocalLoss(nn.Module):
    """The weight is computed from the mean of the batch instead of the loss of each sample."""

    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma
        self.ce = nn.CrossEntropyLoss()

    def forward(self, logits, target):
        logp = self.ce(logits, target)
        p = torch.exp(-logp)
        loss = (1 - p) ** self.gamma * logp  # want RGL204
        return loss.mean()


def focal(loader):
    model, optimizer = make()
    criterion = FocalLoss()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def mean_with_a_step_that_divides(data_iter, lr=0.03, batch_size=10):
    w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for X, y in data_iter:
        l = (X @ w + b - y) ** 2 / 2
        l.mean().backward()  # want RGL204
        sgd([w, b], lr, batch_size)


def mean_of_losses_and_a_penalty(data_iter, lr=0.03, batch_size=10):
    w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for X, y in data_iter:
        l = (X @ w + b - y) ** 2 / 2 + 0.1 * w.abs().sum()
        l.mean().backward()  # want RGL204
        sgd([w, b], lr, batch_size)
