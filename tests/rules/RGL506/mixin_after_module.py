"""super() is nn.Module where that is named first, whatever the mixin behind it defines."""

import torch
from torch import nn


class Sizes:
    def __init__(self, width, depth=2):
        self.width = width
        self.depth = depth


class Net(nn.Module, Sizes):
    def __init__(self, width):
        super().__init__()
        Sizes.__init__(self, width)
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(self.depth)])
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x)


class Reversed(Sizes, nn.Module):
    def __init__(self, width):
        super().__init__(width)
        self.head = nn.Linear(width, 1)  # want RGL506 "Reversed.head"

    def forward(self, x):
        return self.head(x)


def main():
    for model in (Net(4), Reversed(4)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(10):
            optimizer.zero_grad()
            model(torch.randn(8, 4)).pow(2).mean().backward()
            optimizer.step()


main()
