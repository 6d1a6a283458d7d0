import torch.nn as nn


def build_network(dropout=0.3):
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(dropout), nn.Linear(64, 2))
