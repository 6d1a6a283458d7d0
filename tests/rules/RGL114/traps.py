"""Norms that are right, graphs that are not needed, and gradients whose shape nothing shows."""

import torch
from torch import autograd, nn


def make():
    critic = nn.Sequential(nn.Conv2d(3, 8, 3), nn.LeakyReLU(), nn.Flatten(), nn.Linear(8 * 36, 1))
    return critic, torch.optim.Adam(critic.parameters(), lr=1e-4)


def mixed(real, fake):
    alpha = torch.rand(real.size(0), 1, 1, 1, device=real.device)
    return (alpha * real + (1 - alpha) * fake).requires_grad_(True)


def shown_by_the_random_weights(batches):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        out = critic(x)
        gradients = autograd.grad(outputs=out, inputs=x, grad_outputs=torch.ones_like(out), create_graph=True, retain_graph=True)[0]
        norm = torch.sqrt(torch.sum(gradients**2, dim=1) + 1e-12)  # want RGL114 "has 4"
        optimizer.zero_grad()
        (critic(fake).mean() - critic(real).mean() + 10 * ((norm - 1) ** 2).mean()).backward()
        optimizer.step()


def a_function_of_its_own(critic, real, fake):
    x = mixed(real, fake)
    out = critic(x)
    gradients = autograd.grad(outputs=out, inputs=x, grad_outputs=torch.ones_like(out), create_graph=True)[0]
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()  # want RGL114


def shown_by_the_first_layer(batches):
    critic, optimizer = make()
    for real in batches:
        alpha = torch.rand(real.shape)
        x = torch.autograd.Variable(alpha * real + (1 - alpha) * torch.rand(real.size()), requires_grad=True)  # want RGL601
        gradients = autograd.grad(outputs=critic(x), inputs=x, grad_outputs=torch.ones(len(real), 1), create_graph=True)[0]
        optimizer.zero_grad()
        (critic(real).mean() + 10 * ((gradients.norm(2, dim=1) - 1) ** 2).mean()).backward()  # want RGL114
        optimizer.step()


class Reshaping(nn.Module):
    """Gets vectors, and makes images of them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.head = nn.Linear(8 * 36, 1)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x.view(-1, 1, 8, 8))).flatten(1))


def vectors_that_become_images(batches):
    critic = Reshaping()
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)
    for x in batches:
        x = x.clone().requires_grad_(True)
        gradients = autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        optimizer.zero_grad()
        (10 * ((gradients.norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def all_dimensions(batches):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        gradients = autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        optimizer.zero_grad()
        (10 * ((gradients.norm(2, dim=(1, 2, 3)) - 1) ** 2).mean()).backward()
        optimizer.step()


def reshaped(batches):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        gradients = autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        optimizer.zero_grad()
        (10 * ((gradients.reshape(len(real), -1).norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def vectors(batches):
    critic = nn.Linear(20, 1)
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)
    for real, fake in batches:
        alpha = torch.rand(real.size(0), 1)
        x = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        gradients = autograd.grad(critic(x).sum(), x, create_graph=True)[0]
        optimizer.zero_grad()
        (10 * ((gradients.norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def without_a_graph(batches):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        gradients = autograd.grad(critic(x).sum(), x, retain_graph=True)[0]  # want RGL114 "create_graph"
        optimizer.zero_grad()
        (critic(fake).mean() - critic(real).mean() + 10 * ((gradients.flatten(1).norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def a_graph_by_option(batches, second_order):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        gradients = autograd.grad(critic(x).sum(), x, create_graph=second_order)[0]
        optimizer.zero_grad()
        (critic(fake).mean() + ((gradients.flatten(1).norm(2, dim=1) - 1) ** 2).mean()).backward()
        optimizer.step()


def a_weight_between_two_losses(batches):
    """The gradients balance the losses, nothing is to be differentiated twice."""
    critic, optimizer = make()
    last = critic[3].weight
    for real, fake in batches:
        rec, adv = critic(real).mean(), critic(fake).mean()
        rec_grad = autograd.grad(rec, last, retain_graph=True)[0]
        adv_grad = autograd.grad(adv, last, retain_graph=True)[0]
        weight = torch.norm(rec_grad) / (torch.norm(adv_grad) + 1e-4)
        optimizer.zero_grad()
        (rec + weight * adv).backward()
        optimizer.step()


def only_looked_at(batches):
    critic, optimizer = make()
    for real, fake in batches:
        x = mixed(real, fake)
        gradients = autograd.grad(critic(x).sum(), x)[0]
        print("slope", gradients.norm(2, dim=1).mean())
        optimizer.zero_grad()
        (critic(fake).mean() - critic(real).mean()).backward()
        optimizer.step()
