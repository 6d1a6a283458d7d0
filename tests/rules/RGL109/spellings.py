"""Filters for "no decay" that do not select what they are for."""
# quiet RGL102 -- it names the same parameters as long as nobody looks at the filter

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 64)
        self.out = nn.Linear(64, 4)

    def forward(self, x):
        return self.out(F.gelu(self.fc(self.ln_1(x))))


class WithTemperature(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 4, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        return self.logit_scale.exp() * self.fc(x)


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def names_of_another_model(loader):
    model = Block()
    no_decay = ["bias", "LayerNorm.weight"]
    groups = [
        {"params": [p for n, p in model.named_parameters() if not any(nd in n for nd in no_decay)], "weight_decay": 0.01},
        {"params": [p for n, p in model.named_parameters() if any(nd in n for nd in no_decay)], "weight_decay": 0.0},  # want RGL109
    ]
    fit(model, torch.optim.AdamW(groups, lr=1e-3), loader)


def a_scalar_has_no_dimension(loader):
    model = WithTemperature()
    no_decay = [p for p in model.parameters() if p.ndim == 1]  # want RGL109 "logit_scale"
    decay = [p for p in model.parameters() if p.ndim != 1]
    groups = [{"params": decay, "weight_decay": 0.01}, {"params": no_decay, "weight_decay": 0.0}]
    fit(model, torch.optim.AdamW(groups, lr=1e-3), loader)
