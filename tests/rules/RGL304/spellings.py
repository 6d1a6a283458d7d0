"""Frozen blocks with BatchNorm whose statistics go on moving, and those that stay."""

import torch
from torch import nn
from torch.nn import functional as F


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 40)
        self.bn = nn.BatchNorm1d(40)

    def forward(self, x):
        return F.relu(self.bn(self.fc(x)))


def frozen_parameters(loader):
    backbone, head = Backbone(), nn.Linear(40, 2)
    model = nn.Sequential(backbone, head)
    for p in backbone.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()  # want RGL304
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def kept_in_evaluation(loader):
    backbone, head = Backbone(), nn.Linear(40, 2)
    model = nn.Sequential(backbone, head)
    for p in backbone.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        backbone.eval()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def no_batch_norm(loader):
    backbone, head = nn.Linear(20, 40), nn.Linear(40, 2)
    model = nn.Sequential(backbone, nn.ReLU(), head)
    for p in backbone.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
