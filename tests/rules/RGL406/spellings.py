"""Schedulers out of step, and in step."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def before_the_optimizer(loader):
    model, optimizer = make()
    scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(90):
        scheduler.step()  # want RGL406
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def never_stepped(loader):
    model, optimizer = make()
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=90)  # want RGL406
    for epoch in range(90):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()


def after_the_epoch(loader):
    model, optimizer = make()
    scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(90):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        scheduler.step()


def one_cycle_per_batch(loader):
    model, optimizer = make()
    scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, epochs=10, steps_per_epoch=len(loader))
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            scheduler.step()


def on_a_plateau(loader, validate):
    model, optimizer = make()
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=3)
    for epoch in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        scheduler.step(validate(model))


def stepwise_before_the_steps(loader, step_size):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for_a_while = torch.optim.lr_scheduler.StepLR(optimizer, step_size=50)
    each_time = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1)
    for epoch in range(100):
        for_a_while.step()  # want RGL406 "every change of the learning rate comes one step too early"
        each_time.step()  # want RGL406 "the first learning rate is never used"
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()


def by_a_function_of_the_epoch(loader):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0 if epoch < 20 else 0.1)
    for epoch in range(100):
        scheduler.step()  # want RGL406 "every change of the learning rate comes one step too early"
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
