"""The proximal term of FedProx is a squared distance; without the square it is the same mistake."""

import copy

import torch
from torch import nn
from torch.nn import functional as F


def local_update_wrong(batches, mu=0.01):
    global_model = nn.Linear(20, 3)
    model = copy.deepcopy(global_model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in batches:
        optimizer.zero_grad()
        proximal_term = 0.0
        for w, w_t in zip(model.parameters(), global_model.parameters()):
            proximal_term += (w - w_t).norm(2)  # want RGL103
        loss = F.cross_entropy(model(x), y) + (mu / 2) * proximal_term
        loss.backward()
        optimizer.step()


def local_update_right(batches, mu=0.01):
    global_model = nn.Linear(20, 3)
    model = copy.deepcopy(global_model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in batches:
        optimizer.zero_grad()
        proximal_term = 0.0
        for w, w_t in zip(model.parameters(), global_model.parameters()):
            proximal_term += (w - w_t).norm(2) ** 2
        loss = F.cross_entropy(model(x), y) + (mu / 2) * proximal_term
        loss.backward()
        optimizer.step()
