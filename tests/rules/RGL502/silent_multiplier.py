"""A multiplier with an optimizer of its own is no parameter that was forgotten."""
# quiet RGL305 -- the multiplier is the point here

import torch
from torch import nn


class Constrained(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def forward(self, x):
        return self.layer(x)

    def fit(self, batches):
        self.multiplier = torch.tensor(0.5, requires_grad=True)
        optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
        ascent = torch.optim.RMSprop([self.multiplier], lr=0.01)
        for x in batches:
            optimizer.zero_grad()
            ascent.zero_grad()
            out = self(x)
            (out.pow(2).mean() + nn.functional.softplus(self.multiplier) * out.abs().mean()).backward()
            optimizer.step()
            self.multiplier.grad *= -1
            ascent.step()


Constrained().fit([torch.randn(8, 4), torch.randn(8, 4)])
