"""Which criterion is taken is decided by a member of an enum, made from its value."""

import enum
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


class Mode(enum.Enum):
    BINARY = "binary"
    MULTICLASS = "multiclass"


class Config:
    """What is given may be a configuration already, or what one is made from."""

    @classmethod
    def of(cls, given):
        if isinstance(given, Config):
            return given
        if isinstance(given, dict):
            return cls(**given)
        return cls(given)


@dataclass
class Options(Config):
    mode: Mode

    def __init__(self, mode):
        self.mode = Mode(mode)


class Explainer:
    def __init__(self, model, options):
        self.model = model
        self.mode = Options.of(options).mode

    def loss(self, scores, target):
        if self.mode == Mode.BINARY:
            return F.binary_cross_entropy(scores, target.float())
        return F.nll_loss(scores, target)

    def described(self, scores, target):
        if self.mode.value == "binary":
            return F.binary_cross_entropy(scores, target.float())
        return F.nll_loss(scores, target)

    def train(self, optimizer):
        for _ in range(10):
            optimizer.zero_grad()
            scores = self.model(torch.randn(8, 4))
            target = torch.randint(0, 3, (8,))
            (self.loss(scores, target) + self.described(scores, target)).backward()
            optimizer.step()


model = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
Explainer(model, {"mode": "multiclass"}).train(torch.optim.SGD(model.parameters(), lr=0.1))
