"""A model that can be frozen and thawed, and a program that tries both and trains nothing."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)

    def freeze(self):
        for param in self.parameters():
            param.requires_grad = False
        return self.eval()

    def unfreeze(self):
        for param in self.parameters():
            param.requires_grad = True
        return self.train()


def test_both():
    model = Classifier()
    model.freeze()
    assert not any(param.requires_grad for param in model.parameters())
    model.unfreeze()
    assert all(param.requires_grad for param in model.parameters())


test_both()
