"""Averages of an epoch whose sum and divisor do not belong together, and those that do."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader


def means_over_samples(dataset):
    loader = DataLoader(dataset, batch_size=64, shuffle=True)
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print("loss", running / len(loader.dataset))  # want RGL212


def sums_over_batches(dataset):
    loader = DataLoader(dataset, batch_size=64, shuffle=True)
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    running = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * x.size(0)
    print("loss", running / len(loader))  # want RGL212


def right_pairs(dataset):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, drop_last=True)
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    means = sums = 0.0
    seen = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        means += loss.item()
        sums += loss.item() * x.size(0)
        seen += x.size(0)
    print("loss", means / len(loader), sums / seen)
