"""Training data in the order of the file, and in another."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, WeightedRandomSampler


def fit(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def in_order(dataset):
    fit(DataLoader(dataset, batch_size=64))  # want RGL411:note


def explicitly_in_order(dataset):
    fit(DataLoader(dataset=dataset, batch_size=64, shuffle=False))  # want RGL411:note


def shuffled(dataset, weights, options):
    fit(DataLoader(dataset, batch_size=64, shuffle=True))
    fit(DataLoader(dataset, batch_size=64, sampler=WeightedRandomSampler(weights, len(weights))))
    fit(DataLoader(dataset, batch_size=64, **options))


def under_a_condition(dataset, use_cuda):
    options = {"batch_size": 64}
    if use_cuda:
        options.update({"num_workers": 1, "shuffle": True})
    fit(DataLoader(dataset, **options))  # want RGL411:note "condition"


def one_or_the_other(dataset, sampler):
    options = {"batch_size": 64}
    if sampler is not None:
        options["sampler"] = sampler
    else:
        options["shuffle"] = True
    fit(DataLoader(dataset, **options))
