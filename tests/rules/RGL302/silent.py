"""Dropout that follows the mode, is switched off, or stays on by intention."""

import torch
import torch.nn.functional as F
from torch import nn

from toolkit import dropout


class Follows(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.drop = nn.Dropout(p)
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = F.dropout(x, p=self.p, training=self.training)
        x = F.dropout(x, self.p, self.training)
        x = F.dropout2d(x, 0.1, training=self.training and self.p > 0)
        x = self.drop(self.fc(x))
        if self.training:
            x = F.dropout(x, 0.2)
        if not self.training:
            return x
        return F.dropout(x, p=0.1)


class Attention(nn.Module):
    def __init__(self, dropout=0.1):
        super().__init__()
        self.dropout = dropout

    def forward(self, q, k, v):
        a = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0.0)
        p = self.dropout if self.training else 0
        b = F.scaled_dot_product_attention(q, k, v, dropout_p=p)
        c = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return a + b + c + F.scaled_dot_product_attention(q, k, v, dropout_p=0.0)


class RateOfZero(nn.Module):
    def forward(self, x):
        return F.dropout(x, p=0.0)


class Prenet(nn.Module):
    """As in Tacotron 2: dropout stays on at inference, it is the only source of variation."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(80, 256), nn.Linear(256, 256)])

    def forward(self, x):
        for layer in self.layers:
            x = F.dropout(F.relu(layer(x)), p=0.5, training=True)
        return x


class MCDropout(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, x):
        return F.dropout(x, self.p)  # Monte Carlo dropout: always on


class OwnDropout(nn.Module):
    def forward(self, x):
        return dropout(x, 0.5)


def functional_layer(x, weight, p, training):
    return F.dropout(F.linear(x, weight), p, training)


def layer_with_its_own_parameter(x, training=True):
    if training:
        x = F.dropout(x, 0.3)
    return x


def drop_edges(edges, rate, is_training):
    return F.dropout(edges, p=rate, training=is_training)


class Sampled(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*[nn.Dropout(0.1) for _ in range(2)])

    def forward(self, x):
        return self.blocks(x)
