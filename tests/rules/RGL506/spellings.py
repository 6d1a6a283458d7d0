"""Modules that are assigned before the place for them exists."""

from torch import nn


class TooLate(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(20, 2)  # want RGL506:error "before nn.Module.__init__() has run"
        super().__init__()

    def forward(self, x):
        return self.fc(x)


class Never(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(20, 2)  # want RGL506:error

    def forward(self, x):
        return self.fc(x)


class PlainAttributesFirst(nn.Module):
    def __init__(self, width):
        self.width = width
        super().__init__()
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


class OldSpelling(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(20, 2)

    def forward(self, x):
        return self.fc(x)
