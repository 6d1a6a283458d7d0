"""Dropout that does not follow eval()."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.functional import dropout


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc1 = nn.Linear(8, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(self.conv(x)).mean(dim=(2, 3))
        x = F.dropout(x)  # want RGL302:error
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.3)  # want RGL302:error
        x = F.dropout(x, 0.2)  # want RGL302:error
        x = dropout(x, 0.1)  # want RGL302:error
        x = torch.nn.functional.dropout(x, p=0.5)  # want RGL302:error
        return self.fc2(x)


class Others(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.p = p

    def forward(self, x):
        x = F.dropout2d(self.conv(x), self.p)  # want RGL302:error
        x = F.alpha_dropout(x, p=0.1)  # want RGL302:error
        x = F.feature_alpha_dropout(x, 0.1)  # want RGL302:error
        return F.dropout3d(x.unsqueeze(2), p=self.p)  # want RGL302:error


class BuiltInForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        x = nn.Dropout(0.5)(x)  # want RGL302:error
        drop = nn.Dropout(p=0.2)  # want RGL302:error
        return drop(self.fc(x))


class Attention(nn.Module):
    def __init__(self, dim, heads, dropout=0.1):
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout)  # want RGL302:error


class ConstantAttention(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v, None, 0.1)  # want RGL302:error
