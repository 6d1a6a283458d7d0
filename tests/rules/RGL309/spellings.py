"""Probabilities to keep that are handed over as the rate to drop, and rates."""

from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, keep_prob=0.8, rate=0.2):
        super().__init__()
        self.keep_prob = keep_prob
        self.wrong = nn.Dropout(keep_prob)  # want RGL309
        self.also_wrong = nn.Dropout(p=1 - rate)  # want RGL309
        self.right = nn.Dropout(1 - keep_prob)
        self.also_right = nn.Dropout(rate)
        self.half = nn.Dropout(0.5)

    def forward(self, x):
        x = F.dropout(x, p=self.keep_prob, training=self.training)  # want RGL309
        x = F.dropout(x, p=1 - self.keep_prob, training=self.training)
        return self.half(self.also_right(self.right(self.also_wrong(self.wrong(x)))))
