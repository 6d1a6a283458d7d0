"""A schedule that is told where it stands, and one that only one of two classes is stepped by."""

import argparse

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR, ReduceLROnPlateau, StepLR

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=50)
parser.add_argument("--snapshots", type=int, default=5)
parser.add_argument("--cosine", action="store_true")
args = parser.parse_args()


def told_where_it_stands(loader):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=int(args.epochs / args.snapshots))
    for epoch in range(args.epochs):
        for i, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            scheduler.step(epoch + i / len(loader))


def by_its_class(loader, score):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    if args.cosine:
        scheduler = CosineAnnealingLR(optimizer, T_max=args.epochs)
    else:
        scheduler = ReduceLROnPlateau(optimizer, mode="max")
    for epoch in range(args.epochs):
        for step, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            if step % 100 == 0 and isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(score())
        if isinstance(scheduler, CosineAnnealingLR):
            scheduler.step()


def by_the_text_of_its_class(loader, scheduler, optimizer, model):
    per_batch = scheduler is not None and ("OneCycleLR" in str(scheduler.__class__) or "Annealing" in str(type(scheduler)))
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if per_batch:
            scheduler.step()
    if scheduler and not per_batch:
        scheduler.step()


def for_either_class(loader):
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    one = OneCycleLR(optimizer, max_lr=0.1, steps_per_epoch=len(loader), epochs=10)
    other = StepLR(optimizer, step_size=20)
    for epoch in range(10):
        by_the_text_of_its_class(loader, one, optimizer, model)
        by_the_text_of_its_class(loader, other, optimizer, model)
