# quiet RGL603 -- how tensors are detached is not the point here
import torch
from torch import nn


class RegularizedLoss(nn.Module):
    def __init__(self, model, strength):
        super().__init__()
        self.model = model
        self.strength = strength
        self.ce = nn.CrossEntropyLoss()

    def forward(self, output, target):
        penalty = 0.0
        for weight in self.model.parameters():
            penalty += weight.data.abs().sum()  # want RGL104
        return self.ce(output, target) + self.strength * penalty
