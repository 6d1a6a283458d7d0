"""Which model it is, is an option; adversarial examples are made with a copy of it in evaluation mode."""
# quiet RGL102 RGL305 -- the mode is the point here

import argparse
from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional as F


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))

    def forward(self, x):
        return self.layers(x)


class Large(Small):
    def __init__(self):
        super().__init__()
        self.more = nn.Dropout(0.2)

    def forward(self, x):
        return self.more(self.layers(x))


class Other(Small):
    pass


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
args = parser.parse_args()
if args.size == "large":
    model = Large()
elif args.size == "other":
    model = Other()
else:
    model = Small()
batches = [(torch.randn(8, 4), torch.zeros(8).long()), (torch.randn(8, 4), torch.ones(8).long())]
train(model, torch.optim.SGD(model.parameters(), lr=0.1), batches)
