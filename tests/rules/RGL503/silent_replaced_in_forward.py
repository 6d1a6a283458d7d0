"""Parameters that forward() itself replaces, as moving averages do: they are not meant for the optimizer."""

import torch
from torch import nn
from torch.nn import functional as F


class Codebook(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(20, 8)
        self.decode = nn.Linear(8, 8)
        self.average = nn.Parameter(torch.randn(16, 8))

    def forward(self, x):
        z = self.encode(x)
        self.average = nn.Parameter(0.99 * self.average + 0.01 * z.detach().mean(0))
        return self.decode(z)


model = Codebook()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for _ in range(10):
    optimizer.zero_grad()
    F.mse_loss(model(torch.randn(4, 20)), torch.zeros(4, 8)).backward()
    optimizer.step()
