"""Gradients that are cleared before anybody has used them."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def between_backward_and_step(loader):
    model, optimizer = make()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.zero_grad()  # want RGL402:error
        optimizer.step()


def by_the_model(loader):
    model, optimizer = make()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        model.zero_grad()  # want RGL402:error
        optimizer.step()


def every_micro_batch(loader, accumulation_steps=4):
    model, optimizer = make()
    for i, (x, y) in enumerate(loader):
        optimizer.zero_grad()  # want RGL402:error
        loss = F.cross_entropy(model(x), y) / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()


def with_clipping_in_between(loader):
    model, optimizer = make()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.zero_grad()  # want RGL402:error
        optimizer.step()


def right_before_the_micro_batch_that_steps(loader, accumulation_steps=4):
    model, optimizer = make()
    for i, (x, y) in enumerate(loader):
        if i % accumulation_steps == 0:
            optimizer.zero_grad()  # want RGL402:error "right before the batch that steps, every 4-th"
        F.cross_entropy(model(x), y).backward()
        if i % accumulation_steps == 0:
            optimizer.step()
