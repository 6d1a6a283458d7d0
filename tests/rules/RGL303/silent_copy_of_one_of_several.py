"""Which model it is, is an option; adversarial examples are made with a copy of it in evaluation mode."""
# quiet RGL102 RGL305 -- the mode is the point here

import argparse
from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional as F


class Small(nn.Module):
    def __init__(self, deep=True):
        super().__init__()
        if deep:
            layers = [nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2)]
        else:
            layers = [nn.Linear(4, 2), nn.Dropout(0.5)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class Large(Small):
    def __init__(self):
        super().__init__()
        self.more = nn.Dropout(0.2)

    def forward(self, x):
        return self.more(self.layers(x))


class Other(Small):
    def __init__(self, wide):
        super().__init__()
        self.last = nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 2)) if wide else nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))

    def forward(self, x):
        return self.last(self.layers(x))


def adversarial(model, x):
    model = deepcopy(model)
    model.eval()
    x = x.clone().requires_grad_()
    model(x).pow(2).mean().backward()
    return (x + x.grad.sign()).detach()


def save(x):
    torch.save(x, "adversarial.pt")


def train(model, optimizer, batches):
    for _ in range(10):
        model.train()
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            save(adversarial(model, x))


parser = argparse.ArgumentParser()
parser.add_argument("--size", default="small")
parser.add_argument("--wide", action="store_true")
args = parser.parse_args()
if args.size == "large":
    model = Large()
elif args.size == "other":
    model = Other(args.wide)
else:
    model = Small()
batches = [(torch.randn(8, 4), torch.zeros(8).long()), (torch.randn(8, 4), torch.ones(8).long())]
train(model, torch.optim.SGD(model.parameters(), lr=0.1), batches)
