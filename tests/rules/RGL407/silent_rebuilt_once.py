"""Rebuilt on the first batch alone, when all parameters are there."""

import torch
from torch import nn


class Grows(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.more = nn.ModuleDict()

    def forward(self, x):
        if "last" not in self.more:
            self.more["last"] = nn.Linear(4, 1)
        return self.more["last"](self.first(x))


def train(loader, start=0):
    model = Grows()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    seen = start * len(loader)
    for epoch in range(start, 10):
        for x, y in loader:
            optimizer.zero_grad()
            output = model(x)
            if seen == 0:
                optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
            loss = nn.functional.mse_loss(output, y)
            seen += 1
            loss.backward()
            optimizer.step()
