"""Decay that is shown to do harm."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        return x + self.down(F.gelu(self.up(self.norm(x))))


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Linear(32, 16, bias=False)
        self.text = nn.Linear(24, 16, bias=False)
        self.logit_scale = nn.Parameter(torch.ones([]) * np.log(1 / 0.07))

    def forward(self, image, text):
        image = F.normalize(self.image(image), dim=-1)
        text = F.normalize(self.text(text), dim=-1)
        return self.logit_scale.exp() * image @ text.t()


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def layer_norm_under_adamw(loader):
    model = nn.Sequential(Block(), Block(), nn.Linear(64, 10, bias=False))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.1)  # want RGL102:warning "0.1"
    for x, y in loader:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def logit_scale_under_adamw(loader):
    model = TwoTowers()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.2)  # want RGL102:warning "logit_scale"
    for image, text in loader:
        labels = torch.arange(len(image))
        logits = model(image, text)
        loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def hand_written_rms_norm(loader):
    model = nn.Sequential(nn.Linear(16, 64, bias=False), RMSNorm(64), nn.Linear(64, 10, bias=False))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.1)  # want RGL102:warning
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def prelu_slopes(loader):
    model = nn.Sequential(nn.Linear(16, 32, bias=False), nn.PReLU(), nn.Linear(32, 1, bias=False))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4)  # want RGL102:warning
    for x, y in loader:
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
