"""Sums of losses that keep their graphs, and those that do not."""

import torch
from torch import nn
from torch.nn import functional as F


def kept(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss  # want RGL408:note
    print(total / len(loader))


def numbers(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total, other, third = 0.0, 0.0, 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
        other += loss.detach()
        third += float(loss)
    print(total, other, third)


def back_propagated_together(batches):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in batches:
        optimizer.zero_grad()
        total = 0
        for x, y in batch:
            total += F.cross_entropy(model(x), y)
        total.backward()
        optimizer.step()


@torch.no_grad()
def under_no_grad(model, loader):
    total = 0
    for x, y in loader:
        total += F.cross_entropy(model(x), y)
    return total


class Meter:
    def __init__(self):
        self.sum = 0

    def update(self, value, n=1):
        self.sum += value * n


def a_number_times_what_nobody_knows(model, optimizer, batches, weights, count):
    """loss.item() has no graph; how often it is counted is a number, too."""
    meter = Meter()
    for x, y in batches:
        optimizer.zero_grad()
        loss = torch.sum(weights * nn.functional.mse_loss(model(x), y))
        loss.backward()
        optimizer.step()
        meter.update(loss.item(), count(x))


def graph_retained(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward(retain_graph=True)
        optimizer.step()
        total += loss  # want RGL408:warning
    print(total / len(loader))


class Trainer:
    def __init__(self):
        self.model = nn.Sequential(nn.Linear(20, 40), nn.Dropout(0.5), nn.Linear(40, 2))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def train(self, loader):
        self.model.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()

    def validate(self, loader):
        """No backward() ever frees what these graphs hold."""
        self.model.eval()
        total = 0
        for x, y in loader:
            total += F.cross_entropy(self.model(x), y)  # want RGL408:warning
        print(total.item() / len(loader))

    def test(self, loader):
        self.model.eval()
        total, kept = 0, 0
        for x, y in loader:
            total += F.cross_entropy(self.model(x), y).item()
        with torch.no_grad():
            for x, y in loader:
                kept += F.cross_entropy(self.model(x), y)
        print(total, kept)

    def sensitivity_on_validation_data(self, loader):
        """The sum is differentiated after all."""
        self.model.eval()
        total = 0
        for x, y in loader:
            total += F.cross_entropy(self.model(x), y)
        return torch.autograd.grad(total, self.model.parameters())

    def validation_loss(self, loader):
        """Whoever asks for it may well differentiate it."""
        self.model.eval()
        total = 0
        for x, y in loader:
            total += F.cross_entropy(self.model(x), y)
        return total


def started_anew_at_each_step(loader, accumulate, ready):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    running = shown = torch.zeros(1)
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y) / accumulate
        loss.backward()
        running += loss
        shown += loss
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
            print(running.item())
            running = 0
        if ready(i):
            shown = torch.zeros(1)


def started_anew_in_each_epoch(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        total = 0
        for x, y in loader:
            optimizer.zero_grad()
            if len(x) < 2:
                continue
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss  # want RGL408
        print(total / len(loader))
