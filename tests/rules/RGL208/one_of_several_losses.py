"""A loss that is one of several, by a condition, is back-propagated once per pass, and a step follows it."""

import torch
from torch import nn
from torch.nn import functional as F


def two_phases(loader, distributed, scale):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        for phase in range(2):
            optimizer.zero_grad()
            model.zero_grad()
            if distributed:
                loss = F.cross_entropy(model(x), y).mean()
            else:
                loss = F.cross_entropy(model(x) * scale, y).mean()
            loss.backward()
            if phase == 0:
                optimizer.step()
            else:
                optimizer.step()
