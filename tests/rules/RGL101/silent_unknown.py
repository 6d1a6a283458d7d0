"""Nothing is shown about one of the two coefficients, or about what the penalty is over."""
# quiet RGL102 -- the biases are decayed, which is not the point
# quiet RGL112 -- the strength of the penalty may be said

import torch
from torch import nn
from torch.nn import functional as F

from somewhere import build_model, read_settings


def unknown_coefficient(batches, l2_coefficient):
    model = nn.Linear(20, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        penalty = sum(p.pow(2).sum() for p in model.parameters())
        loss = F.cross_entropy(model(x), y) + l2_coefficient * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def unknown_decay(batches):
    settings = read_settings()
    model = nn.Linear(20, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, **settings)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def unknown_penalty(batches):
    model = build_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + 1e-3 * model.regularization()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
