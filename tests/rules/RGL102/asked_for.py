"""Norms are decayed only where whoever runs it asks for that; where the option is on by default, they always are."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--decay-norms", action="store_true")
parser.add_argument("--decay-all", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--train", action="store_true")
args = parser.parse_args()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(self.norm(x))


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


def on_request(loader):
    model = Net()
    if not args.decay_norms:
        groups = [
            {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 0.1},
            {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=1e-3)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)  # want RGL102:note
    fit(model, optimizer, loader)


def by_default(loader):
    model = Net()
    if not args.decay_all:
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.ndim > 1], lr=1e-3, weight_decay=0.1)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)  # want RGL102:warning "norm"
    fit(model, optimizer, loader)


def training_is_asked_for(loader):
    model = Net()
    if args.train:
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)  # want RGL102:warning "norm"
        fit(model, optimizer, loader)
