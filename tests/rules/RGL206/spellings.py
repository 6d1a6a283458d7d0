"""Softmax and sigmoid before a criterion that applies them itself."""

import torch
from torch import nn
from torch.nn import functional as F


class InForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.fc2 = nn.Linear(40, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return F.softmax(self.fc2(x), dim=1)


class AsALayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=-1))

    def forward(self, x):
        return self.net(x)


class TwoOutputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        hidden = torch.tanh(self.hidden(x))
        return torch.sigmoid(self.out(hidden)), hidden


def softmax_in_forward(loader):
    model = InForward()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)  # want RGL206:error
        loss.backward()
        optimizer.step()


def softmax_as_a_layer(loader):
    model = AsALayer()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)  # want RGL206:error
        loss.backward()
        optimizer.step()


def softmax_in_the_loop(loader):
    model = nn.Linear(20, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        probabilities = torch.softmax(model(x), dim=1)
        loss = F.cross_entropy(probabilities, y)  # want RGL206:error
        loss.backward()
        optimizer.step()


def sigmoid_in_a_tuple(loader):
    model = TwoOutputs()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        output, _ = model(x)
        loss = criterion(output, y)  # want RGL206:error
        loss.backward()
        optimizer.step()


def crossed_pairs(loader):
    first, second = nn.Sequential(nn.Linear(20, 3), nn.Sigmoid()), nn.Sequential(nn.Linear(20, 3), nn.Softmax(dim=1))
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
    for x, y, several in loader:
        optimizer.zero_grad()
        loss_a = F.cross_entropy(first(x), y)  # want RGL206:error
        loss_b = F.binary_cross_entropy_with_logits(second(x), several)  # want RGL206:error
        (loss_a + loss_b).backward()
        optimizer.step()
