"""Synthetic data of the blog's sizes."""

import torch


def patients(n=759):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(n, 8, generator=generator)
    y = (x[:, :1] * x[:, 1:2] + x[:, 2:3] > 0).float()
    return x, y


def line(n):
    x = torch.unsqueeze(torch.linspace(-1, 1, n), 1)
    return x, x + 0.3 * torch.normal(torch.zeros(n, 1), torch.ones(n, 1))
