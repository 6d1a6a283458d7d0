"""Gradient penalties over the wrong dimensions or without a graph, and right ones."""

import torch
from torch import autograd, nn


def critic_of_images():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.LeakyReLU(), nn.Flatten(), nn.Linear(8 * 36, 1))


def pixel_by_pixel():
    critic = critic_of_images()
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)
    for _ in range(100):
        mixed = torch.randn(16, 3, 8, 8, requires_grad=True)
        (gradients,) = autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
        penalty = ((gradients.norm(2, dim=1) - 1) ** 2).mean()  # want RGL114
        optimizer.zero_grad()
        (10 * penalty).backward()
        optimizer.step()


def flattened():
    critic = critic_of_images()
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)
    for _ in range(100):
        mixed = torch.randn(16, 3, 8, 8, requires_grad=True)
        gradients = autograd.grad(critic(mixed).sum(), mixed, create_graph=True)[0]
        gradients = gradients.view(gradients.size(0), -1)
        optimizer.zero_grad()
        (10 * ((gradients.norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def unknown_shape(critic, batches):
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)
    for mixed in batches:
        mixed.requires_grad_(True)
        gradients = autograd.grad(critic(mixed).sum(), mixed, create_graph=True)[0]
        optimizer.zero_grad()
        (10 * ((gradients.norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()
