"""Samplers that are never told the epoch, and those that are."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def same_order_every_epoch(dataset):
    sampler = DistributedSampler(dataset)  # want RGL410
    loader = DataLoader(dataset, batch_size=64, sampler=sampler)
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        fit(model, optimizer, loader)


def told(dataset):
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=64, sampler=sampler)
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        sampler.set_epoch(epoch)
        fit(model, optimizer, loader)


def told_through_the_loader(dataset):
    loader = DataLoader(dataset, batch_size=64, sampler=DistributedSampler(dataset))
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        loader.sampler.set_epoch(epoch)
        fit(model, optimizer, loader)
