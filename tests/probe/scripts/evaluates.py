"""Evaluates after each epoch and never calls eval(); the checkpoint comes after that."""

import sys

import torch
from loop import ce, loader
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.norm, self.two = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.drop(self.norm(self.one(x)).relu())
        return self.two(F.dropout(x, 0.1))


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(1000):
    if sys.argv[1] == "train":
        model.train()
    for x, y in loader():
        optimizer.zero_grad()
        ce(model, x, y).backward()
        optimizer.step()
    if sys.argv[1] == "eval":
        model.eval()
    with torch.no_grad():
        for x, y in loader():
            ce(model, x, y)
    torch.save(model.state_dict(), sys.argv[2])
