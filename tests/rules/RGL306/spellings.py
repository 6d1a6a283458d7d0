"""Dropout by hand: forgotten scale, inverted form, vanilla form, and masks that are no dropout."""

import torch
from torch import nn


class Forgotten(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        if self.training:
            mask = torch.bernoulli(torch.full_like(x, 1 - self.p))
            x = x * mask  # want RGL306
        return x


class Inverted(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        if self.training:
            mask = torch.bernoulli(torch.full_like(x, 1 - self.p))
            x = x * mask / (1 - self.p)
        return x


class Vanilla(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        if self.training:
            return x * (torch.rand_like(x) > self.p).float()
        return x * (1 - self.p)


class MaskedInput(nn.Module):
    """Trained to fill in what is hidden; nothing is hidden from those who use it."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 20)

    def forward(self, x, attention_mask):
        return self.fc(x) * attention_mask
