"""Clipping that comes too late, too early, or gets nothing to clip."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def after_the_step(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        clip_grad_norm_(model.parameters(), 1.0)  # want RGL405:error


def before_backward(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        clip_grad_value_(model.parameters(), 0.1)  # want RGL405:error
        loss.backward()
        optimizer.step()


def with_an_exhausted_generator(loader):
    model = nn.Linear(20, 2)
    parameters = filter(lambda p: p.requires_grad, model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        clip_grad_norm_(parameters, 1.0)  # want RGL405:error
        optimizer.step()


def with_a_generator_that_lasts_for_one_step(loader):
    model, optimizer = make()
    parameters = model.parameters()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(parameters, max_norm=5)  # want RGL405:error
        optimizer.step()
