"""Penalties that are called L2 and sum unsquared norms."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import linalg as LA


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 50)
        self.fc2 = nn.Linear(50, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def the_answer_that_everybody_copies(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    reg_lambda = 0.01
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        l2_reg = torch.tensor(0.)
        for param in model.parameters():
            l2_reg += torch.norm(param)  # want RGL103
        loss += reg_lambda * l2_reg
        loss.backward()
        optimizer.step()


def method_without_an_argument(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        l2_reg = None
        for W in model.parameters():
            if l2_reg is None:
                l2_reg = W.norm()  # want RGL103
            else:
                l2_reg = l2_reg + W.norm()  # want RGL103
        loss = F.cross_entropy(model(x), y) + 1e-3 * l2_reg
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def method_with_two(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        reg = sum(p.norm(2) for p in model.parameters())  # want RGL103
        loss = F.cross_entropy(model(x), y) + 1e-3 * reg
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def keyword_p(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        weight_decay_loss = 0
        for name, p in model.named_parameters():
            if "weight" in name:
                weight_decay_loss = weight_decay_loss + p.norm(p=2)  # want RGL103
        loss = F.cross_entropy(model(x), y) + 1e-3 * weight_decay_loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def linalg_norm(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        loss = F.cross_entropy(model(x), y) + 1e-3 * LA.norm(model.fc1.weight)  # want RGL103
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def vector_norm(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        l2 = torch.stack([torch.linalg.vector_norm(p) for p in model.parameters()]).sum()  # want RGL103
        loss = F.cross_entropy(model(x), y) + 1e-3 * l2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def whole_embedding_tables(triples):
    users, items = nn.Embedding(100, 16), nn.Embedding(200, 16)
    optimizer = torch.optim.SGD(list(users.parameters()) + list(items.parameters()), lr=0.01)
    for u, i, j in triples:
        difference = (users(u) * items(i)).sum(1) - (users(u) * items(j)).sum(1)
        loss = -F.logsigmoid(difference).mean()
        norm_u = users.weight.norm()  # want RGL103
        norm_i = items.weight.norm()  # want RGL103
        loss = loss + 1e-4 * (norm_u + norm_i)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def square_root_of_the_sum_of_squares(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        l2_loss = 0
        for p in model.parameters():
            l2_loss += torch.sqrt(torch.sum(p ** 2))  # want RGL103
        loss = F.cross_entropy(model(x), y) + 1e-3 * l2_loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
