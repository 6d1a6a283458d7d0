"""Penalties that show up in a number and never in a gradient."""
# quiet RGL603 -- how tensors are detached is not the point here

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 50)
        self.fc2 = nn.Linear(50, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def make():
    model = Net()
    return model, torch.optim.SGD(model.parameters(), lr=0.01)


def over_data(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 1e-4 * sum(p.data.pow(2).sum() for p in model.parameters())  # want RGL104
        loss.backward()
        optimizer.step()


def detached(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        reg = 0.0
        for p in model.parameters():
            reg += p.detach().abs().sum()  # want RGL104
        loss = F.cross_entropy(model(x), y) + 1e-4 * reg
        loss.backward()
        optimizer.step()


def through_item(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l2 = sum((p ** 2).sum().item() for p in model.parameters())  # want RGL104
        loss = F.cross_entropy(model(x), y) + 1e-4 * l2
        loss.backward()
        optimizer.step()


def through_float(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l1 = float(model.fc1.weight.abs().sum())  # want RGL104
        loss = F.cross_entropy(model(x), y) + 1e-4 * l1
        loss.backward()
        optimizer.step()


def through_numpy(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l2 = np.sum(model.fc1.weight.detach().cpu().numpy() ** 2)  # want RGL104
        loss = F.cross_entropy(model(x), y) + 1e-4 * l2
        loss.backward()
        optimizer.step()


def under_no_grad(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        with torch.no_grad():
            l1 = sum(p.abs().sum() for p in model.parameters())  # want RGL104
        loss = F.cross_entropy(model(x), y) + 1e-4 * l1
        loss.backward()
        optimizer.step()


def added_after_backward(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        loss = loss + 1e-4 * sum(p.abs().sum() for p in model.parameters())  # want RGL104
        optimizer.step()


def another_loss_is_back_propagated(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss_total = loss + 1e-4 * sum(p.abs().sum() for p in model.parameters())  # want RGL104
        loss.backward()
        optimizer.step()


def parameters_of_the_criterion(loader):
    model, optimizer = make()
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        optimizer.zero_grad()
        reg_loss = 0
        for param in criterion.parameters():
            reg_loss += torch.sum(torch.abs(param))  # want RGL104
        loss = criterion(model(x), y) + 1e-4 * reg_loss
        loss.backward()
        optimizer.step()


def parameters_of_another_model(loader):
    model, optimizer = make()
    teacher = Net()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + 1e-4 * sum(p.abs().sum() for p in teacher.parameters())  # want RGL104
        loss.backward()
        optimizer.step()
