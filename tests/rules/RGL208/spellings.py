"""Accumulated gradients that are summed and not averaged."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 4)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def guarded_step(loader, accumulation_steps=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        loss.backward()  # want RGL208:warning "4"
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


def with_clipping(loader):
    model, optimizer = make()
    accumulate = 8
    optimizer.zero_grad()
    for step, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()  # want RGL208:warning "8"
        if step % accumulate == accumulate - 1:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()


def divided_under_another_condition(loader, accumulate, several_devices):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        if several_devices > 1:
            loss = loss / accumulate
        loss.backward()  # want RGL208:warning "accumulate"
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def adaptive(loader, accumulate=4):
    model, _ = make()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)  # want RGL102:note
    for i, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()  # want RGL208:note "which AdamW hardly notices"
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def adaptive_with_a_decay_beside_the_gradients(loader, accumulate=4):
    model, _ = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)  # want RGL107:note RGL102:note
    for i, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()  # want RGL208:warning
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def adaptive_with_clipping(loader, accumulate=4):
    model, _ = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for i, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()  # want RGL208:warning
        if (i + 1) % accumulate == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()


def rectified(loader, accumulate=4):
    model, _ = make()
    optimizer = torch.optim.RAdam(model.parameters(), lr=1e-3)
    for i, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()  # want RGL208:warning
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
