"""A list of layers that is too long, or of unknown length, still ends in what stands at its end."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
args = parser.parse_args()


def tower(widths):
    layers = []
    size = 16
    for width in widths:
        layers += [nn.Linear(size, width), nn.LeakyReLU()]
        size = width
    return nn.ModuleList([*layers, nn.Linear(size, 1), nn.Sigmoid()])


class InTurn(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Numbered(InTurn):
    def forward(self, x):
        for number, layer in enumerate(self.layers):
            x = layer(x) + 0 * number
        return x


class Paired(InTurn):
    def forward(self, x, names):
        for layer, _ in zip(self.layers, names):
            x = layer(x)
        return x


class ByIndex(InTurn):
    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        return x


class Plain(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.whole = tower(widths)
        self.layers = list(self.whole)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def fit(model, loader, *more):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.BCELoss()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x, *more), y).backward()
        optimizer.step()


def all_of_them(loader, names):
    fit(InTurn(tower([8] * args.depth)), loader)
    fit(InTurn(tower([64, 32, 16, 8, 4])), loader)
    fit(Numbered(tower([8] * args.depth)), loader)
    fit(Paired(tower([8] * args.depth)), loader, names)
    fit(ByIndex(tower([8] * args.depth)), loader)
    fit(Plain([8] * args.depth), loader)
