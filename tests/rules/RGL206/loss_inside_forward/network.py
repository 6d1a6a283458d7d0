import torch
from torch import nn


class Net(nn.Module):
    """Gives back the loss in training and the maps otherwise."""

    def __init__(self, criterion=None):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU())
        self.segmentation = nn.Conv2d(16, 19, 1)
        self.edges = nn.Conv2d(16, 1, 1)
        self.sigmoid = nn.Sigmoid()
        self.criterion = criterion

    def forward(self, x, targets=None):
        features = self.body(x)
        maps = self.segmentation(features)
        edges = self.sigmoid(self.edges(features))
        if self.training:
            return self.criterion((maps, edges), targets)
        return maps, edges
