"""Freezes that freeze nothing."""

import torch
from torch import nn


def misspelt(backbone: nn.Module):
    for param in backbone.parameters():
        param.require_grad = False  # want RGL501:error "requires_grad"


def misspelt_in_other_ways(model: nn.Module):
    for name, p in model.named_parameters():
        if name.startswith("encoder"):
            p.required_grad = False  # want RGL501:error "requires_grad"
        else:
            p.requires_grads = False  # want RGL501:error "requires_grad"


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(20, 40), nn.ReLU())
        self.head = nn.Linear(40, 2)
        self.features.requires_grad = False  # want RGL501:error "requires_grad_"

    def forward(self, x):
        return self.head(self.features(x))


def a_module_has_no_such_switch():
    model = Encoder()
    model.head.requires_grad = False  # want RGL501:error "requires_grad_"
    for child in model.children():
        child.requires_grad = False  # want RGL501:error "requires_grad_"
    model.head.weight.requires_grads = False  # want RGL501:error
    return model


def undone_right_away():
    model = Encoder()
    for p in model.features.parameters():
        p.requires_grad = False  # want RGL501:error
    for p in model.parameters():
        p.requires_grad = True
    return torch.optim.SGD(model.parameters(), lr=0.1)


class Freezable(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def freeze(self):
        for param in self.parameters():
            param.requires_grad = False  # want RGL501 "undone"

    def unfreeze(self):
        for param in self.parameters():
            param.requires_grad = True


freezable = Freezable()
freezable.freeze()
freezable.unfreeze()
optimizer = torch.optim.SGD(freezable.parameters(), lr=0.1)
