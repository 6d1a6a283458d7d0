"""How large a perturbation or a latent vector is, is a distance: nobody means weight decay."""

import torch
import torch.nn.functional as F
from torch import nn


def attack(x, y, c=0.1):
    model = nn.Linear(10, 2)
    delta = torch.zeros(1, 10, requires_grad=True)
    optimizer = torch.optim.SGD([delta], lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        loss = c * delta.norm(p=2) - F.cross_entropy(model(x + delta), y)
        loss.backward()
        optimizer.step()


def invert(generator, target):
    z = torch.randn(1, 512, requires_grad=True)
    optimizer = torch.optim.Adam([z], lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        (F.mse_loss(generator(z), target) + 1e-3 * z.norm()).backward()
        optimizer.step()
