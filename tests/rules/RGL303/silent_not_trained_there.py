"""The network runs in evaluation mode in a loop that trains, but it is another one that is trained there, or no pass comes back."""
# quiet RGL305 -- the mode is the point here

import torch
from torch import nn
from torch.nn import functional as F


class Trainer:
    def __init__(self, every):
        self.every = every
        self.body = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40), nn.ReLU())
        self.probe = nn.Linear(40, 2)
        self.step_body = torch.optim.SGD(self.body.parameters(), lr=0.1)
        self.step_probe = torch.optim.SGD(self.probe.parameters(), lr=0.1)

    def fit(self, loader, epochs):
        for _ in range(epochs):
            self.fit_probe(loader)
            for number, (x, y) in enumerate(loader):
                self.body.train()
                self.step_body.zero_grad()
                F.cross_entropy(self.probe(self.body(x)), y).backward()
                self.step_body.step()
                if number % self.every == 0:
                    self.show(x)

    def fit_probe(self, loader):
        for x, y in loader:
            self.step_probe.zero_grad()
            F.cross_entropy(self.probe(self.body(x)), y).backward()
            self.step_probe.step()

    def show(self, x):
        self.body.eval()
        with torch.no_grad():
            print(self.body(x).mean().item())


def features_are_detached(loader, epochs):
    body = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40), nn.ReLU())
    head = nn.Linear(40, 2)
    optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(head(body(x).detach()), y).backward()
            optimizer.step()
        body.eval()
        with torch.no_grad():
            print(body(torch.randn(8, 20)).mean().item())


def evaluated_now_and_then(loader, other, epochs):
    """The second loop may find the mode of an evaluation only if the last batch of the first was one of the hundredth."""
    model = nn.Sequential(nn.Linear(20, 40), nn.Dropout(0.5), nn.Linear(40, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        for x, y in other:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        for number, (x, y) in enumerate(loader):
            model.train()
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            if (number + 1) % 100 == 0:
                model.eval()
                with torch.no_grad():
                    print(model(x).mean().item())


class WarmedUp:
    """What is true of a counter in its first epoch is true in no other."""

    def __init__(self):
        self.epoch = 0
        self.guide = nn.Sequential(nn.Linear(20, 2), nn.BatchNorm1d(2))
        self.optimizer = torch.optim.SGD(self.guide.parameters(), lr=0.1)

    def pass_over(self, loader):
        if self.epoch == 0:
            for x, y in loader:
                self.optimizer.zero_grad()
                F.cross_entropy(self.guide(x), y).backward()
                self.optimizer.step()
        self.guide.eval()
        self.epoch += 1


def fit(loader):
    warmed_up = WarmedUp()
    for epoch in range(5):
        warmed_up.pass_over(loader)


def main(loader):
    Trainer(100).fit(loader, 5)
    features_are_detached(loader, 5)
    evaluated_now_and_then(loader, loader, 5)
