"""A step of the gradients elsewhere, a loss that is not finite, an optimizer of another model."""

import torch
from torch import nn
from torch.nn import functional as F


def loss_not_finite(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        if not torch.isfinite(loss):
            optimizer.zero_grad()
        optimizer.step()


def other_model(loader):
    student, probe = nn.Linear(20, 20), nn.Linear(20, 2)
    opt_s = torch.optim.SGD(student.parameters(), lr=0.1)
    opt_p = torch.optim.SGD(probe.parameters(), lr=0.1)
    for x, y in loader:
        opt_s.zero_grad()
        F.cross_entropy(probe(student(x)), y).backward()
        opt_p.zero_grad()
        opt_s.step()
