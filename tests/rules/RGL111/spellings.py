"""Learning rate times decay: exploding, flipping, dominating."""

import torch
from torch import nn
from torch.nn import functional as F


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()


def explodes(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=20.1), loader)  # want RGL111:error "2.01"


def explodes_with_momentum(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9, weight_decay=3.81), loader)  # want RGL111:error "3.81"


def only_flips_with_momentum(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9, weight_decay=3.7), loader)  # want RGL111:warning "3.7"


def flips_the_sign(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=19.9), loader)  # want RGL111:warning "1.99"


def dominates(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=0.5), loader)  # want RGL111:note "0.25"


def decoupled(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=25), loader)  # want RGL111:error "2.5"


def coupled_in_an_adaptive_optimizer_is_only_a_note(loader):
    model = nn.Linear(20, 1, bias=False)
    fit(model, torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=30), loader)  # want RGL111:note RGL107:warning


def in_one_group(loader):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(
        [
            # want-next RGL111:warning
            {"params": [model.weight], "weight_decay": 100.0},
            {"params": [model.bias]},
        ],
        lr=0.01,
    )
    fit(model, optimizer, loader)
