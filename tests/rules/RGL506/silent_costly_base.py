"""A base class whose constructor works through tables before anything of a module is in it, built several times."""

import torch
from torch import nn


class Inspected(nn.Module):
    def __init__(self, flow="forth"):
        super().__init__()
        self.flow = flow
        self.names = []
        for first in range(12):
            for second in range(12):
                for third in range(12):
                    self.names.append((first * second, second * third, flow.upper().strip()))


class Convolution(Inspected):
    def __init__(self, features, **kwargs):
        super().__init__(**kwargs)
        self.linear = nn.Linear(features, features)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.linear(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Convolution(4)
        self.second = Convolution(4)
        self.third = Convolution(4)

    def forward(self, x):
        return self.third(self.second(self.first(x)))


def main():
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).pow(2).mean().backward()
        optimizer.step()


main()


class Nested(nn.Module):
    """Parts that are built by the constructor of the base, which nests deeper than is followed."""

    part: type[nn.Module] = nn.Identity

    def __init__(self):
        super().__init__()
        self.inner = self.part()


class Innermost(Nested):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.linear(self.inner(x)))


class Between(Nested):
    part = Innermost

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.linear(self.inner(x)))


class Outermost(Nested):
    part = Between

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.linear(self.inner(x)))


def nested():
    model = Outermost()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).pow(2).mean().backward()
        optimizer.step()


nested()
