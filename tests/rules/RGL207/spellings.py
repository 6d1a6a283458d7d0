"""Criteria that get something else than they are made for."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.fc2 = nn.Linear(40, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


def logits_into_nll(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.nll_loss(model(x), y)  # want RGL207:error
        loss.backward()
        optimizer.step()


def probabilities_into_nll(loader):
    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)  # want RGL207:error
        loss.backward()
        optimizer.step()


def logits_into_bce(loader):
    model = nn.Linear(20, 1)
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)  # want RGL207:error
        loss.backward()
        optimizer.step()


def probabilities_into_kl(loader):
    model = nn.Linear(20, 10)
    criterion = nn.KLDivLoss(reduction="batchmean")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, target in loader:
        optimizer.zero_grad()
        loss = criterion(F.softmax(model(x), dim=1), target)  # want RGL207:error
        loss.backward()
        optimizer.step()


class Tower(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.layers = nn.ModuleList()
        size = 16
        for width in widths:
            self.layers.append(nn.Linear(size, width))
            self.layers.append(nn.ReLU())
            size = width
        self.layers.append(nn.Linear(size, 1))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def list_of_unknown_length_that_ends_in_logits(loader, widths):
    model = Tower(widths)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy(model(x), y)  # want RGL207:error "logits of Linear"
        loss.backward()
        optimizer.step()


def with_a_part_masked_out(loader, allowed):
    model = nn.Linear(20, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        output = model(x)
        output[:, ~allowed] = -1e9
        output[y < 0] = 0
        F.nll_loss(output, y).backward()  # want RGL207 "gets logits"
        optimizer.step()
