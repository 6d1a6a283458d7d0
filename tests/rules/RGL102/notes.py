"""Decay over everything: torch's default, and a note."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)))
        return self.fc(x.mean(dim=(2, 3)))


class TextNet(nn.Module):
    def __init__(self, vocabulary=5000):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 32, padding_idx=0)
        self.out = nn.Linear(32, 2, bias=False)

    def forward(self, tokens):
        return self.out(self.embedding(tokens).mean(dim=1))


def batch_norm_and_bias(loader):
    model = ConvNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)  # want RGL102:note "bn"
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()


def embedding(loader):
    model = TextNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-5)  # want RGL102:note "embedding"
    for tokens, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(tokens), labels).backward()
        optimizer.step()


def bias_of_a_line(x, y):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=1.0)  # want RGL102:note "bias"
    optimizer.zero_grad()
    F.mse_loss(model(x), y).backward()
    optimizer.step()


def weak_decoupled_decay_over_a_layer_norm(loader):
    model = nn.Sequential(nn.Linear(16, 32), nn.LayerNorm(32), nn.Linear(32, 4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)  # want RGL102:note
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def one_group_of_two(loader):
    model = ConvNet()
    optimizer = torch.optim.SGD(
        [
            # want-next RGL102:note "bias"
            {"params": model.fc.parameters(), "weight_decay": 1e-3},
            {"params": list(model.conv.parameters()) + list(model.bn.parameters()), "weight_decay": 0.0},
        ],
        lr=0.1,
    )
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
