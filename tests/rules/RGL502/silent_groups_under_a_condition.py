"""The modules of a plain list are trained where they exist: their groups are added under the same condition."""

import argparse

import torch
from torch import nn


class Theta(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, size, bias=False)

    def forward(self, x):
        return self.layer(x)


class Distance(nn.Module):
    def __init__(self, thetas=None):
        super().__init__()
        if thetas:
            self.thetas = thetas
        else:
            self.thetas = [nn.Identity(), nn.Identity()]

    def forward(self, a, b):
        return sum((theta(x) - theta(y)).pow(2).mean() for theta, x, y in zip(self.thetas, a, b, strict=True))


def main(args):
    net = nn.Linear(4, 4, bias=False)
    thetas = [Theta(4), Theta(4)] if args.adversarial else None
    distance = Distance(thetas=thetas)
    parameters = [{"params": net.parameters(), "lr": 0.01}]
    if thetas is not None:
        parameters += [{"params": theta.parameters(), "lr": 0.1} for theta in thetas]
    optimizer = torch.optim.SGD(parameters, 0.1)
    for _ in range(10):
        optimizer.zero_grad()
        x = torch.randn(8, 4)
        distance((net(x), x), (x, net(x))).backward()
        optimizer.step()


parser = argparse.ArgumentParser()
parser.add_argument("--adversarial", action="store_true")
main(parser.parse_args())
