"""Tensors that ask for a gradient and are no parameters of any model."""
# quiet RGL112 -- penalties that act, not the point here

import torch
from torch import nn
from torch.nn import functional as F


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(30, 2)
        self.gate = torch.rand(30, requires_grad=True).cuda()  # want RGL502

    def forward(self, x):
        return self.fc(x * self.gate)


def gates_that_nobody_trains(loader):
    model = Gated()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 1e-3 * model.gate.abs().sum()  # want RGL104:error "gate"
        loss.backward()
        optimizer.step()


def a_weight_beside_the_model(loader):
    model = nn.Linear(30, 2)
    w = torch.randn(30, 30, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()  # want RGL104:error "w"
        loss.backward()
        optimizer.step()


def in_an_optimizer(loader):
    model = nn.Linear(30, 2)
    w = torch.randn(30, 30, requires_grad=True)
    optimizer = torch.optim.SGD([*model.parameters(), w], lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()
        loss.backward()
        optimizer.step()


def in_an_optimizer_of_its_own(loader):
    model = nn.Linear(30, 2)
    w = torch.zeros(30, 30).requires_grad_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    other = torch.optim.Adam([w])
    for x, y in loader:
        optimizer.zero_grad()
        other.zero_grad()
        (F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()).backward()
        optimizer.step()
        other.step()


def moved_by_hand(loader, lr=0.1):
    model = nn.Linear(30, 2)
    w = torch.randn(30, 30, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        (F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()).backward()
        optimizer.step()
        w.data = w.data - lr * w.grad.data.clamp(-1, 1)
        w.grad = None


def moved_by_autograd(loader):
    model = nn.Linear(30, 2)
    w = torch.randn(30, 30, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()
        (gradient,) = torch.autograd.grad(loss, w, retain_graph=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            w.sub_(gradient)


def owned_by_something_unknown(loader, make_optimizer):
    model = nn.Linear(30, 2)
    w = torch.randn(30, 30, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    other_optimizer = make_optimizer([w])
    for x, y in loader:
        optimizer.zero_grad()
        (F.cross_entropy(model(x @ w), y) + 1e-3 * w.pow(2).sum()).backward()
        optimizer.step()
        other_optimizer.step()


def start_of_a_sum(loader):
    model = nn.Linear(30, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        total = torch.zeros(1, requires_grad=True).cuda()
        for part, label in zip(x, y):
            total = total + F.cross_entropy(model(part), label)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()


def an_input(loader):
    model = nn.Linear(30, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(100):
        noise = torch.randn(64, 30, requires_grad=True)
        optimizer.zero_grad()
        model(noise).pow(2).sum().backward()
        optimizer.step()
