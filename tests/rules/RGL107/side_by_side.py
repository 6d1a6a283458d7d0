# quiet RGL102 -- the bias is not the point here
"""A comparison runs Adam and AdamW at the same strength, one after the other; a choice between them runs one."""

import torch
from torch import nn, optim


def norms(kind, weight_decay, steps=100):
    model = nn.Linear(10, 2)
    optimizer = kind(model.parameters(), lr=0.01, weight_decay=weight_decay)  # want RGL107:note
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(torch.randn(4, 10)), torch.randn(4, 2)).backward()
        optimizer.step()
    return model.weight.norm().item()


def compare():
    print(norms(optim.Adam, 0.1), norms(optim.AdamW, 0.1))


def choose(loader, name):
    model = nn.Linear(10, 2)
    optimizer = (optim.AdamW if name == "adamw" else optim.Adam)(model.parameters(), lr=0.01, weight_decay=0.1)  # want RGL107:warning
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
