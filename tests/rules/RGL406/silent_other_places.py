"""Resumed epochs, the epoch given by hand, a warm-up step, a schedule counted in steps."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler


def make(loader):
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def resumed(loader, start):
    model, optimizer = make(loader)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
    for _ in range(start):
        scheduler.step()
    for epoch in range(start, 90):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        scheduler.step()


def skips_the_first_epoch(loader):
    model, optimizer = make(loader)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(90):
        if epoch > 0:
            scheduler.step()
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def counted_in_steps(loader, epochs):
    model, optimizer = make(loader)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs * len(loader))
    for epoch in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            scheduler.step()


def handed_on(loader, trainer):
    model, optimizer = make(loader)
    scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
    trainer.use(scheduler)
    for epoch in range(90):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
