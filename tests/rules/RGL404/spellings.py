"""Gradients that are touched while they are multiplied by the loss scale."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
from torch import nn
from torch.amp import GradScaler, autocast
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def clipped_before_unscaling(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # want RGL404:error
        scaler.step(optimizer)
        scaler.update()


def unscaled_too_late(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        clip_grad_value_(model.parameters(), 0.5)  # want RGL404:error
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()


def unscaled_the_other_optimizer(loader):
    model, optimizer = make()
    head = nn.Linear(2, 2)
    opt_head = torch.optim.SGD(head.parameters(), lr=0.1)
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        opt_head.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(head(model(x)), y)
        scaler.scale(loss).backward()
        scaler.unscale_(opt_head)
        clip_grad_norm_(model.parameters(), 1.0)  # want RGL404:error
        scaler.step(optimizer)
        scaler.step(opt_head)
        scaler.update()


def stepped_without_the_scaler(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        optimizer.step()  # want RGL404:error


def penalty_added_to_scaled_gradients(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        for p in model.parameters():
            p.grad.add_(p.data, alpha=1e-4)  # want RGL404:error
        scaler.step(optimizer)
        scaler.update()


def old_spelling(loader):
    model, optimizer = make()
    scaler = torch.cuda.amp.GradScaler()  # want RGL604
    for x, y in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        clip_grad_norm_(model.parameters(), max_norm=5.0)  # want RGL404:error
        scaler.step(optimizer)
        scaler.update()
