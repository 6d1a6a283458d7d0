"""A second backward() through weights that have changed, and through those that have not."""

import torch
from torch import nn
from torch.nn import functional as F


def after_the_step(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y, z in loader:
        output = model(x)
        optimizer.zero_grad()
        F.cross_entropy(output, y).backward(retain_graph=True)
        optimizer.step()
        optimizer.zero_grad()
        F.cross_entropy(output, z).backward()  # want RGL412:error
        optimizer.step()


def one_step_after_both(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y, z in loader:
        output = model(x)
        optimizer.zero_grad()
        F.cross_entropy(output, y).backward(retain_graph=True)
        F.cross_entropy(output, z).backward()
        optimizer.step()


def separate_graphs(loader):
    generator, critic = nn.Linear(8, 20), nn.Linear(20, 1)
    opt_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    opt_c = torch.optim.SGD(critic.parameters(), lr=0.1)
    for real in loader:
        fake = generator(torch.randn(len(real), 8))
        opt_c.zero_grad()
        (critic(fake.detach()).mean() - critic(real).mean()).backward()
        opt_c.step()
        opt_g.zero_grad()
        (-critic(fake).mean()).backward()
        opt_g.step()


def detached(value):
    return value.detach()


def generator_first(loader):
    generator, critic = nn.Linear(8, 20), nn.Linear(20, 1)
    encoder, head = nn.Linear(20, 4), nn.Linear(4, 1)
    opt_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    opt_c = torch.optim.SGD(critic.parameters(), lr=0.1)
    for real in loader:
        fake = generator(torch.randn(len(real), 8))
        copy = fake.detach()
        opt_g.zero_grad()
        fake.pow(2).mean().backward(retain_graph=True)
        opt_g.step()
        opt_c.zero_grad()
        (critic(copy).mean() - critic(real).mean()).backward(retain_graph=True)
        (critic(fake.data).mean() + critic(detached(fake)).mean()).backward(retain_graph=True)  # want RGL603
        with torch.no_grad():
            code = encoder(fake)
        head(code).mean().backward()
        opt_c.step()


def critic_first(loader):
    generator, critic = nn.Linear(8, 20), nn.Linear(20, 1)
    opt_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    opt_c = torch.optim.SGD(critic.parameters(), lr=0.1)
    for real in loader:
        fake = generator(torch.randn(len(real), 8))
        judged = critic(fake)
        opt_c.zero_grad()
        (judged.mean() - critic(real).mean()).backward(retain_graph=True)
        opt_c.step()
        opt_g.zero_grad()
        (-judged.mean()).backward()  # want RGL412:error
        opt_g.step()
