"""Which loss it is depends on what the model gives, and the caller says that: only one that fits nothing shows something."""

import json

import torch
from torch import nn
from torch.nn import functional as F


class Masker:
    def __init__(self, config):
        self.config = config

    def of_two_classes(self, output, y):
        if self.config.gives == "raw":
            loss = F.binary_cross_entropy_with_logits
        elif self.config.gives == "probabilities":
            loss = F.binary_cross_entropy
        else:
            raise AssertionError
        return loss(output.view_as(y), y.float())

    def of_many_classes(self, output, y):
        if self.config.gives == "raw":
            return F.cross_entropy(output, y)
        if self.config.gives == "log":
            return F.nll_loss(output, y)
        return F.nll_loss(output.log(), y)

    def of_numbers(self, output, y):
        loss = F.binary_cross_entropy if self.config.soft else F.mse_loss
        return loss(output, y)

    def fit(self, model, x, y):
        mask = nn.Parameter(torch.randn(20))
        optimizer = torch.optim.SGD([mask], lr=0.1)
        for _ in range(100):
            optimizer.zero_grad()
            output = model(x * mask)
            if self.config.two:
                loss = self.of_two_classes(output, y)
            elif self.config.many:
                loss = self.of_many_classes(output, y)
            else:
                loss = self.of_numbers(output, y)
            loss.backward()
            optimizer.step()


def soften(output, y, config):
    loss = F.binary_cross_entropy if config.soft else F.nll_loss
    return loss(output, y)  # want RGL207:error


with open("settings.json") as file:
    config = json.load(file, object_hook=lambda given: type("Config", (), given))

x, y = torch.randn(8, 20), torch.ones(8)
Masker(config).fit(nn.Sequential(nn.Linear(20, 4), nn.LogSoftmax(dim=1)), x, y)
Masker(config).fit(nn.Sequential(nn.Linear(20, 4), nn.Softmax(dim=1)), x, y)
Masker(config).fit(nn.Sequential(nn.Linear(20, 4), nn.Sigmoid()), x, y)
Masker(config).fit(nn.Linear(20, 4), x, y)

net = nn.Linear(20, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(100):
    optimizer.zero_grad()
    soften(net(x), y, config).backward()
    optimizer.step()
