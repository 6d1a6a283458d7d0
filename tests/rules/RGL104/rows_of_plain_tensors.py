"""Penalties on rows, or on the mean square, of tensors that no module registers and no optimizer gets."""
# quiet RGL112 -- the strength of those that act is not the point here

import torch
from torch import nn
from torch.nn import functional as F


class Recommender(nn.Module):
    def __init__(self, users, dim=64):
        super().__init__()
        self.table = nn.init.xavier_normal_(torch.rand((users, dim), requires_grad=True)).cuda()  # want RGL502
        self.head = nn.Linear(dim, 1)
        self.reg = 1e-4

    def forward(self, user):
        return self.head(self.table[user]).squeeze(1)

    def loss(self, user, y):
        penalty = (self.table[user] ** 2).mean()  # want RGL104 "table"
        return F.mse_loss(self(user), y) + self.reg * penalty


class Registered(nn.Module):
    def __init__(self, users, dim=64):
        super().__init__()
        self.table = nn.Parameter(torch.rand(users, dim))
        self.head = nn.Linear(dim, 1)

    def forward(self, user):
        return self.head(self.table[user]).squeeze(1)

    def loss(self, user, y):
        return F.mse_loss(self(user), y) + 1e-4 * (self.table[user] ** 2).mean()


def train(loader, users):
    model = Recommender(users)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for user, y in loader:
        optimizer.zero_grad()
        model.loss(user, y).backward()
        optimizer.step()


def train_registered(loader, users):
    model = Registered(users)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for user, y in loader:
        optimizer.zero_grad()
        model.loss(user, y).backward()
        optimizer.step()


def given_to_the_optimizer(loader, users):
    table = torch.rand(users, 64, requires_grad=True)
    head = nn.Linear(64, 1)
    optimizer = torch.optim.Adam([table, *head.parameters()], lr=1e-3)
    for user, y in loader:
        optimizer.zero_grad()
        (F.mse_loss(head(table[user]).squeeze(1), y) + 1e-4 * table[user].pow(2).mean()).backward()
        optimizer.step()


def moved_by_hand(loader, users, lr=0.1):
    table = torch.rand(users, 64, requires_grad=True)
    head = nn.Linear(64, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3)
    for user, y in loader:
        optimizer.zero_grad()
        (F.mse_loss(head(table[user]).squeeze(1), y) + 1e-4 * table[user].pow(2).mean()).backward()
        optimizer.step()
        with torch.no_grad():
            table -= lr * table.grad
            table.grad = None


def of_data(loader):
    head = nn.Linear(64, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        (F.mse_loss(head(x).squeeze(1), y) + 1e-4 * head(x)[0].pow(2).mean()).backward()
        optimizer.step()
