"""Clearing at the right places."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def before_backward(loader):
    model, optimizer = make()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def after_the_step(loader):
    model, optimizer = make()
    for x, y in loader:
        y_pred = model(x)
        loss = F.cross_entropy(y_pred, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def under_the_guard(loader, accumulate=4):
    model, optimizer = make()
    for i, (x, y) in enumerate(loader):
        if i % accumulate == 0:
            optimizer.zero_grad()
        (F.cross_entropy(model(x), y) / accumulate).backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()


def two_networks(loader):
    generator, critic = nn.Linear(8, 20), nn.Linear(20, 1)
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3)
    opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for real in loader:
        fake = generator(torch.randn(len(real), 8))
        opt_g.zero_grad()
        (-critic(fake).mean()).backward()
        opt_g.step()
        opt_c.zero_grad()  # throws away what the generator's loss left in the critic, as it should
        (critic(fake.detach()).mean() - critic(real).mean()).backward()
        opt_c.step()


def saliency_then_training(loader):
    model, optimizer = make()
    for x, y in loader:
        x.requires_grad_(True)
        F.cross_entropy(model(x), y).backward()
        attacked = (x + 0.01 * x.grad.sign()).detach()
        optimizer.zero_grad()
        F.cross_entropy(model(attacked), y).backward()
        optimizer.step()


def saved_before_they_are_cleared(loader):
    model, optimizer = make()
    for x, y, z in loader:
        F.cross_entropy(model(x), y).backward()
        first = [p.grad.clone() for p in model.parameters()]
        optimizer.zero_grad()
        F.cross_entropy(model(x), z).backward()
        for p, g in zip(model.parameters(), first):
            p.grad += 0.1 * g
        optimizer.step()
        optimizer.zero_grad()


def sharpness_aware(loader, rho=0.05):
    model, optimizer = make()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        with torch.no_grad():
            steps = [rho * p.grad / (p.grad.norm() + 1e-12) for p in model.parameters()]
            for p, e in zip(model.parameters(), steps):
                p.add_(e)
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        with torch.no_grad():
            for p, e in zip(model.parameters(), steps):
                p.sub_(e)
        optimizer.step()
        optimizer.zero_grad()


def skipped_batch(loader):
    model, optimizer = make()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        if torch.isnan(model.weight.grad).any():
            optimizer.zero_grad()
            continue
        optimizer.step()
        optimizer.zero_grad()
