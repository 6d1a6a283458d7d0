"""What the scripts share: a small model, data from a loader, and a loss."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


def make(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def loader(**options):
    data = TensorDataset(torch.randn(64, 4), torch.randint(0, 3, (64,)))
    return DataLoader(data, **{"batch_size": 8, **options})


def squares(model):
    return sum(p.pow(2).sum() for p in model.parameters())


def ce(model, x, y):
    return F.cross_entropy(model(x), y)
