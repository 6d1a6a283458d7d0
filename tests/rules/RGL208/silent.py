"""Divided by hand, by the framework, or by a count that spans the micro-batches."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 4)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def divided(loader, accumulation_steps=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y) / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


def multiplied_by_the_inverse(loader, accumulation_steps=4):
    model, optimizer = make()
    scale = 1.0 / accumulation_steps
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        (scale * F.cross_entropy(model(x), y)).backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


def every_batch(loader):
    model, optimizer = make()
    for i, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if i % 100 == 0:
            print(i)


def sum_over_a_global_count(loader, accumulation_steps=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y, tokens_of_the_step) in enumerate(loader):
        (F.cross_entropy(model(x), y, reduction="sum") / tokens_of_the_step).backward()
        if (i + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


def gradients_divided_before_the_step(loader, accumulation_steps=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        F.cross_entropy(model(x), y).backward()
        if (i + 1) % accumulation_steps == 0:
            for p in model.parameters():
                p.grad.div_(accumulation_steps)
            optimizer.step()
            optimizer.zero_grad()


def accelerate_divides(loader):
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=4)
    model, optimizer = make()
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for x, y in loader:
        with accelerator.accumulate(model):
            loss = F.cross_entropy(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()


def divided_where_there_are_several(loader, accumulate):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        if accumulate > 1:
            loss = loss / accumulate
        loss.backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def divided_unless_it_is_one(loader, cfg):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        if cfg.accumulate == 1:
            loss.backward()
        else:
            (loss / cfg.accumulate).backward()
        if (i + 1) % cfg.accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


class Runner:
    def __init__(self, settings, half=False):
        self.accumulate = settings.get("accumulate", 1)
        self.half = half

    def train(self, loader):
        model, optimizer = make()
        for i, (x, y) in enumerate(loader):
            loss = F.cross_entropy(model(x), y)
            if self.accumulate >= 2:
                loss = loss / self.accumulate
            if self.half:
                optimizer.backward(loss)
            else:
                loss.backward()
            if (i + 1) % self.accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()


def by_option(loader):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--accumulate", type=int, default=1)
    args = parser.parse_args()
    model, optimizer = make()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        if args.accumulate > 1:
            loss = loss / args.accumulate
        loss.backward()
        if (i + 1) % args.accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def update(model, optimizer, loss):
    model.zero_grad()
    loss.backward()
    optimizer.step()


def one_of_two_models_and_the_other_player_now_and_then(loader, large, every):
    critic = nn.Linear(20, 1) if large else nn.Linear(20, 1, bias=False)
    generator = nn.Linear(8, 20)
    of_critic = torch.optim.Adam(critic.parameters(), lr=2e-4)
    of_generator = torch.optim.Adam(generator.parameters(), lr=2e-4)
    for i, real in enumerate(loader):
        z = torch.randn(len(real), 8)
        update(critic, of_critic, critic(generator(z).detach()).mean() - critic(real).mean())
        if i % every == 0:
            update(generator, of_generator, -critic(generator(z)).mean())
