"""Running sums in places of a tensor, over strides, and with a penalty; and the counts that go with them."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader


def in_places_of_a_tensor(dataset):
    loader = DataLoader(dataset, batch_size=32)
    model = nn.Linear(20, 4)
    totals = torch.zeros(2).to("cpu")
    for x, y in loader:
        totals[0] += F.cross_entropy(model(x), y).item()
        totals[1] += len(x)
    print(totals[0] / totals[1])  # want RGL212 "number of samples"


def in_places_of_a_tensor_as_a_sum(dataset):
    loader = DataLoader(dataset, batch_size=32)
    model = nn.Linear(20, 4)
    totals = torch.zeros(2)
    for x, y in loader:
        totals[0] += F.cross_entropy(model(x), y, reduction="sum").item()
        totals[1] += len(x)
    print(totals[0] / totals[1])


def in_strides(X, Y, batch_size=16):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    n = len(X)
    total = 0.0
    for i in range(0, n, batch_size):
        optimizer.zero_grad()
        loss = torch.mean(torch.clamp(1 - Y[i : i + batch_size] * model(X[i : i + batch_size]), min=0))
        loss.backward()
        optimizer.step()
        total += float(loss)
    return total / n  # want RGL212 "number of samples"


def one_sample_per_batch(dataset):
    loader = DataLoader(dataset)
    model = nn.Linear(20, 4)
    total = 0.0
    for x, y in loader:
        total += F.cross_entropy(model(x), y).item()
    return total / len(loader.dataset)


def over_the_number_of_batches(dataset):
    loader = DataLoader(dataset, batch_size=32)
    model = nn.Linear(20, 4)
    total = 0.0
    for x, y in loader:
        total += F.cross_entropy(model(x), y).item()
    return total / len(loader)


def weighted_over_batches(dataset):
    loader = DataLoader(dataset, batch_size=32)
    model = nn.Linear(20, 4)
    total = 0.0
    for x, y in loader:
        total += F.cross_entropy(model(x), y).item() * x.size(0)
    return total / len(loader)  # want RGL212 "number of batches"


def samples_of_a_batch_one_by_one(model, dataset):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, collate_fn=list)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0.0
    for batch in loader:
        optimizer.zero_grad()
        for x, y in batch:
            loss = F.mse_loss(model(x), y)
            loss.backward()
            total += loss.item()
        optimizer.step()
    print(total / len(dataset))
