"""A template: from it modeling_encoder.py is generated, where the two constructors are one."""

import torch
from base import Base
from torch import nn


class Encoder(Base):
    def __init__(self, size):
        self.mergers = nn.ModuleList([nn.Linear(size, size)])
        super().__init__(size)
        del self.other_mergers


def train(batches):
    model = Encoder(4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x in batches:
        optimizer.zero_grad()
        model(x).pow(2).mean().backward()
        optimizer.step()
