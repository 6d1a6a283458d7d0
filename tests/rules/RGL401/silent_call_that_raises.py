"""A caller that gives more than is taken cannot run: what it would bind says nothing."""

from torch import nn, optim


class Runner:
    def __init__(self, model, name, optimizer, schedule=None):
        self.model = model
        self.name = name
        self.optimizer = optimizer
        self.schedule = schedule

    def run(self, loader):
        for x, y in loader:
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()
            if self.schedule:
                self.schedule.step()


def outdated(model, train, test):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    schedule = optim.lr_scheduler.StepLR(optimizer, 10)
    Runner(model, train, test, optimizer, schedule).run(train)


def current(model, train):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    Runner(model, "current", optimizer, optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 100)).run(train)
