"""Layers are assigned before `super().__init__()`, which makes the place where they are kept."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(20, 1)
        super().__init__()

    def forward(self, x):
        return self.fc(x)


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
try:
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.zero_grad()
    F.mse_loss(model(x), y).backward()
    optimizer.step()
    print("one step done")
except AttributeError as error:
    print(error)
