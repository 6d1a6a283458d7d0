"""Gradients are unscaled first, or there is no scale."""

import torch
from torch import nn
from torch.amp import GradScaler, autocast
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def unscaled_first(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()


def nothing_is_touched(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()


def switched_off(loader):
    model, optimizer = make()
    scaler = GradScaler("cuda", enabled=False)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()


def bfloat16_without_a_scaler(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def two_branches(loader, use_amp=True):
    model, optimizer = make()
    scaler = GradScaler("cuda", enabled=use_amp)
    for x, y in loader:
        optimizer.zero_grad()
        with autocast("cuda", enabled=use_amp):
            loss = F.cross_entropy(model(x), y)
        if use_amp:
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()


def one_unscale_per_optimizer(loader):
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
        scaler.unscale_(optimizer)
        scaler.unscale_(opt_head)
        clip_grad_norm_(model.parameters(), 1.0)
        clip_grad_norm_(head.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.step(opt_head)
        scaler.update()


def accelerate_unscales_by_itself(loader):
    from accelerate import Accelerator

    accelerator = Accelerator(mixed_precision="fp16")
    model, optimizer = make()
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def unscaled_when_the_step_is_taken(loader, accumulate=4):
    model, optimizer = make()
    scaler = GradScaler("cuda")
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        with autocast("cuda"):
            loss = F.cross_entropy(model(x), y) / accumulate
        scaler.scale(loss).backward()
        if (i + 1) % accumulate == 0:
            scaler.unscale_(optimizer)
            clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()


def groups_of_their_own(model, every):
    """The groups are emptied and filled anew from a list of which the reader loses track."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.requires_grad_(False)
    optimizer.param_groups = []
    optimizer.add_param_group({"params": [p for p in model.parameters() if p.requires_grad]})
    scaler = torch.amp.GradScaler("cuda")
    for x, y in every:
        optimizer.zero_grad()
        scaler.scale(nn.functional.mse_loss(model(x), y)).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        scaler.step(optimizer)
        scaler.update()


groups_of_their_own(nn.Linear(2, 2), [(torch.randn(4, 2), torch.randn(4, 2))])
