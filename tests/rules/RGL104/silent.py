"""Detached values that are meant to be detached."""
# quiet RGL603 -- how tensors are detached is not the point here
# quiet RGL112 -- some of these have an L2 penalty that does act

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(30, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.01)


def logging(loader, writer):
    model, optimizer = make()
    for index, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            writer.add_scalar("l2", sum(p.pow(2).sum() for p in model.parameters()).item(), index)
        print("penalty", float(model.weight.data.abs().sum()), "loss", loss.item())


def logging_next_to_a_penalty_that_acts(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        l1 = sum(p.abs().sum() for p in model.parameters())
        data_loss = F.cross_entropy(model(x), y)
        (data_loss + 1e-4 * l1).backward()
        optimizer.step()
        print(f"data {data_loss.item():.3f} penalty {l1.item():.3f}")


def detached_factor(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        data_loss = F.cross_entropy(model(x), y)
        l1 = sum(p.abs().sum() for p in model.parameters())
        balance = 0.1 * data_loss.detach() / l1.detach()
        (data_loss + balance * l1).backward()
        optimizer.step()


def reweighted_l1(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        weights = 1 / (model.weight.detach().abs() + 1e-3)
        loss = F.cross_entropy(model(x), y) + 1e-4 * (weights * model.weight.abs()).sum()
        loss.backward()
        optimizer.step()


def proximal_step(loader, strength=1e-3):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        for p in model.parameters():
            p.data = torch.sign(p.data) * torch.clamp(p.data.abs() - 0.01 * strength, min=0)


def shrinkage_by_hand(loader, strength=1e-4):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        with torch.no_grad():
            for p in model.parameters():
                p.mul_(1 - 0.01 * strength)
        optimizer.step()


def old_weights_are_constants(loader):
    model, optimizer = make()
    start = [p.detach().clone() for p in model.parameters()]
    for x, y in loader:
        optimizer.zero_grad()
        distance = sum((p - s).pow(2).sum() for p, s in zip(model.parameters(), start))
        (F.cross_entropy(model(x), y) + 0.01 * distance).backward()
        optimizer.step()


def unknown_helper(loader, regularizer):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) + regularizer(model).detach()
        loss.backward()
        optimizer.step()


def accuracy_and_penalty_of_an_evaluation(loader):
    model, _ = make()
    model.eval()
    total = 0.0
    with torch.no_grad():
        for x, y in loader:
            total += (F.cross_entropy(model(x), y) + 1e-4 * model.weight.pow(2).sum()).item()
    return total


def objective_shown_after_the_step(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        (loss + 1e-4 * sum(p.abs().sum() for p in model.parameters())).backward()
        optimizer.step()
        objective = loss.item() + 1e-4 * sum(p.abs().sum() for p in model.parameters())
        print(objective)


def penalized_shown(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        objective = loss.detach() + 1e-4 * sum(p.abs().sum() for p in model.parameters())
        optimizer.step()
        print(objective)
