"""Gradients are cleared, wherever and however, or do not accumulate."""

import torch
from torch import nn
from torch.nn import functional as F

from not_found import find
from engine import unknown_engine


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def first_thing_in_the_step(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def last_thing_in_the_step(loader):
    model, optimizer = make()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()


def by_the_model(loader):
    model, optimizer = make()
    for x, y in loader:
        model.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def by_hand(loader):
    model, optimizer = make()
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        for p in model.parameters():
            p.grad = None


def in_place(loader):
    model, optimizer = make()
    for x, y in loader:
        for p in model.parameters():
            if p.grad is not None:
                p.grad.zero_()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def apply(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def by_a_helper(loader):
    model, optimizer = make()
    for x, y in loader:
        apply(optimizer, F.cross_entropy(model(x), y))


def accumulated_on_purpose(loader, accumulate=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for i, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y) / accumulate
        loss.backward()
        if (i + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()


def every_optimizer_in_a_list(loader):
    model = nn.Linear(20, 2)
    optimizers = [torch.optim.SGD([model.weight], lr=0.1), torch.optim.Adam([model.bias], lr=1e-3)]
    for x, y in loader:
        for optimizer in optimizers:
            optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for optimizer in optimizers:
            optimizer.step()


def closure(x, y):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1)

    def evaluate():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    for _ in range(20):
        optimizer.step(evaluate)


def gradients_that_do_not_accumulate(loader):
    model, optimizer = make()
    for x, y in loader:
        gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(model.parameters()))
        for p, g in zip(model.parameters(), gradients):
            p.grad = g
        optimizer.step()


def one_step_only(x, y):
    model, optimizer = make()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()


def deepspeed_engine(loader):
    import deepspeed

    model = nn.Linear(20, 2)
    engine, _, _, _ = deepspeed.initialize(model=model, model_parameters=model.parameters(), config="ds.json")
    for x, y in loader:
        loss = F.cross_entropy(engine(x), y)
        engine.backward(loss)
        engine.step()


def something_unknown_gets_the_optimizer(loader):
    model, optimizer = make()
    engine = unknown_engine(model, optimizer)
    for x, y in loader:
        engine.before_batch()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def a_new_model_each_time(tasks):
    for x, y in tasks:
        model, optimizer = make()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


class ClearsItself(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.outer = nn.Linear(4, 2)

    def forward(self, x, y):
        self.zero_grad()
        return nn.functional.cross_entropy(self.outer(self.inner(x)), y)


def cleared_in_forward(loader):
    model = ClearsItself()
    inner = torch.optim.SGD(model.inner.parameters(), lr=0.1)
    outer = torch.optim.SGD(model.outer.parameters(), lr=0.1)
    for x, y in loader:
        model(x, y).backward()
        inner.step()
        outer.step()


class OfAnUnknownBase(find("Module")):
    def __init__(self):
        super().__init__()
        self.outer = nn.Linear(4, 2)

    def forward(self, x, y):
        self.zero_grad()
        return nn.functional.cross_entropy(self.outer(x), y)


def cleared_in_forward_of_an_unknown_module(loader):
    model = OfAnUnknownBase()
    optimizer = torch.optim.SGD(model.outer.parameters(), lr=0.1)
    for x, y in loader:
        model(x, y).backward()
        optimizer.step()


class Wrapper(torch.optim.Optimizer):
    """It shares the groups of what it wraps, and so clears the same gradients."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.param_groups = optimizer.param_groups

    def step(self, closure=None):
        return self.optimizer.step(closure)


def cleared_by_the_base_of_a_wrapper(loader):
    model = nn.Linear(4, 2)
    optimizer = Wrapper(torch.optim.Adam(model.parameters(), lr=1e-3))
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
