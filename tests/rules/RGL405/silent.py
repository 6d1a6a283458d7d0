"""Clipping between backward() and step(), and what is no gradient clipping."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def in_between(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def with_a_list(loader):
    model = nn.Linear(20, 2)
    parameters = list(filter(lambda p: p.requires_grad, model.parameters()))
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        clip_grad_norm_(parameters, 1.0)
        optimizer.step()


def when_the_step_is_taken(loader, accumulate=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        (F.cross_entropy(model(x), y) / accumulate).backward()
        if (i + 1) % accumulate == 0:
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()


def weights_of_a_critic(loader):
    critic = nn.Linear(20, 1)
    optimizer = torch.optim.RMSprop(critic.parameters(), lr=5e-5)
    for real, fake in loader:
        optimizer.zero_grad()
        (critic(fake).mean() - critic(real).mean()).backward()
        optimizer.step()
        for p in critic.parameters():
            p.data.clamp_(-0.01, 0.01)


def weight_norm_kept_small(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            model.weight.div_(model.weight.norm(dim=1, keepdim=True).clamp(min=1.0))


def norm_for_the_log(loader, writer):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        writer.log(clip_grad_norm_(model.parameters(), float("inf")))


def accumulated_gradients_of_an_earlier_loss(loader):
    model, optimizer = make()
    for x, y, z in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        F.cross_entropy(model(x), z).backward()
        optimizer.step()


def the_groups_of_the_optimizer(loader):
    """torch keeps lists in them, whatever it was given."""
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for group in optimizer.param_groups:
            clip_grad_norm_(group["params"], 1.0)
        optimizer.step()
