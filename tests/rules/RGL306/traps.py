"""Random masks that are rescaled somewhere, that are no dropout, or that act at test time as well."""

import numpy as np
import torch
from torch import nn


class ScaledLater(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.scale = 1 / (1 - p)
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        if self.training:
            x = x * torch.bernoulli(torch.full_like(x, 1 - self.p))
            x = self.scale * x
        return x


class ScaledMask(nn.Module):
    def __init__(self, keep=0.5):
        super().__init__()
        self.keep = keep
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        if not self.training:
            return x
        mask = torch.empty_like(x).bernoulli_(self.keep).div_(self.keep)
        return x * mask


class LeavesEarly(nn.Module):
    def __init__(self, p=0.3):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = torch.relu(self.fc(x))
        if not self.training:
            return x
        mask = torch.rand(x.shape) > self.p
        return x.mul(mask)  # want RGL306


class LeftOutCondition(nn.Module):
    """A whole condition is left out now and then, to train with and without it."""

    def __init__(self, p=0.1):
        super().__init__()
        self.p = p
        self.embed = nn.Linear(20, 20)

    def forward(self, x, text):
        text = self.embed(text)
        if self.training:
            mask = torch.bernoulli(torch.ones(len(text), device=text.device) * self.p).view(-1, 1)
            text = text * (1.0 - mask)
        return x + text


class Denoising(nn.Module):
    """The input is corrupted, and to be restored."""

    def __init__(self, p=0.3):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        if self.training:
            x = x * (torch.rand_like(x) > self.p)
        return self.fc(x)


class MaskedPixels(nn.Module):
    def __init__(self, p=0.3):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def mask_tokens(self, x):
        return x * (torch.rand_like(x) > self.p)

    def forward(self, x):
        x = self.fc(x)
        return self.mask_tokens(x) if self.training else x


class Always(nn.Module):
    """Nothing shows that it is for training."""

    def __init__(self, p=0.3):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(20, 20)

    def forward(self, x):
        x = self.fc(x)
        return x * (torch.rand_like(x) > self.p)


def dropout(X, rate):
    return X * (torch.rand(X.shape) > rate).float()  # want RGL306


def net(X, W1, W2, is_training):
    H = torch.relu(X @ W1)
    if is_training:
        H = dropout(H, 0.2)
    return H @ W2


def forward_in_numpy(x, w, p, mode):
    h = np.maximum(0, x.dot(w))
    if mode == "train":
        mask = np.random.rand(*h.shape) < p
        h = h * mask
    elif mode == "test":
        h = h * p
    return h


def forward_in_numpy_without_a_scale(x, w, q, mode):
    h = np.maximum(0, x.dot(w))
    if mode == "train":
        h *= np.random.rand(*h.shape) < q  # want RGL306
    return h
