"""Filters that select what they are for, or whose result is not known."""
# quiet RGL102 -- the head is decayed as a whole, on purpose

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 64)
        self.out = nn.Linear(64, 4)

    def forward(self, x):
        return self.out(F.gelu(self.fc(self.norm(x))))


def fit(model, groups, loader):
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def by_name(loader):
    model = Block()
    words = ("bias", "norm")
    decay = [p for n, p in model.named_parameters() if not any(w in n for w in words)]
    rest = [p for n, p in model.named_parameters() if any(w in n for w in words)]
    fit(model, [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], loader)


def by_dimension(loader):
    model = Block()
    decay = [p for p in model.parameters() if p.ndim >= 2]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    fit(model, [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], loader)


def one_dimension_where_no_scalar_exists(loader):
    model = Block()
    decay = [p for p in model.parameters() if p.ndim != 1]
    rest = [p for p in model.parameters() if p.ndim == 1]
    fit(model, [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], loader)


def unknown_model(loader, model):
    no_decay = ["bias", "LayerNorm.weight"]
    decay = [p for n, p in model.named_parameters() if not any(nd in n for nd in no_decay)]
    rest = [p for n, p in model.named_parameters() if any(nd in n for nd in no_decay)]
    fit(model, [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], loader)


def a_head_that_is_decayed_as_a_whole(loader):
    body, head = Block(), nn.Linear(20, 2)
    words = ("bias", "norm")
    groups = [
        {"params": [p for n, p in body.named_parameters() if not any(w in n for w in words)], "weight_decay": 0.01},
        {"params": [p for n, p in body.named_parameters() if any(w in n for w in words)], "weight_decay": 0.0},
        {"params": [p for n, p in head.named_parameters()], "weight_decay": 0.01, "lr": 1e-3},
    ]
    fit(nn.Sequential(body, head), groups, loader)
