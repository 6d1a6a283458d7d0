"""Norms that are squared, or that are no L2 penalty."""
# quiet RGL112 -- the squared ones may have their strength explained

import torch
import torch.nn as nn
import torch.nn.functional as F


def make():
    model = nn.Linear(30, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.01)


def step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def squared_by_power(loader):
    model, optimizer = make()
    for x, y in loader:
        l2 = sum(torch.norm(p, 2) ** 2 for p in model.parameters())
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l2)


def squared_by_methods(loader):
    model, optimizer = make()
    for x, y in loader:
        l2 = model.weight.norm().pow(2) + model.bias.norm(p=2).square()
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l2)


def squared_by_torch_pow(loader):
    model, optimizer = make()
    for x, y in loader:
        l2 = torch.pow(input=torch.norm(model.weight), exponent=2)
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l2)


def squared_in_another_statement(loader):
    model, optimizer = make()
    for x, y in loader:
        norm = torch.linalg.vector_norm(model.weight)
        l2 = norm * norm
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l2)


def scalar_product_with_itself(loader):
    model, optimizer = make()
    for x, y in loader:
        w = model.weight.view(-1)
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * (w.t() @ w))


def l1(loader):
    model, optimizer = make()
    for x, y in loader:
        l1_reg = torch.tensor(0.0)
        for name, param in model.named_parameters():
            if "weight" in name:
                l1_reg = l1_reg + torch.norm(param, 1)
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * l1_reg + 1e-4 * model.bias.norm(p=1))


def group_lasso(loader):
    model, optimizer = make()
    for x, y in loader:
        rows = model.weight.norm(dim=1).sum() + torch.norm(model.weight, 2, 0).sum() + torch.norm(model.weight, p=2, dim=0).sum()
        step(optimizer, F.cross_entropy(model(x), y) + 1e-3 * rows)


def logging_of_gradient_norms(loader, writer):
    model, optimizer = make()
    for index, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        total_norm = 0.0
        for p in model.parameters():
            total_norm += p.grad.norm(2).item() ** 2
        writer.add_scalar("grad_norm", total_norm ** 0.5, index)
        writer.add_scalar("l2_norm_of_weights", sum(p.norm().item() for p in model.parameters()), index)
        optimizer.step()


def clipping_by_hand(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        norm = torch.norm(torch.stack([torch.norm(p.grad) for p in model.parameters()]))
        for p in model.parameters():
            p.grad.mul_(torch.clamp(1.0 / (norm + 1e-6), max=1.0))
        optimizer.step()


def distance_between_activations(loader):
    student, optimizer = make()
    teacher = nn.Linear(30, 2)
    for x, y in loader:
        with torch.no_grad():
            target = teacher(x)
        output = student(x)
        step(optimizer, F.cross_entropy(output, y) + 0.1 * torch.norm(output - target))


def normalisation(loader):
    model, optimizer = make()
    for x, y in loader:
        w = model.weight / model.weight.norm()
        step(optimizer, F.cross_entropy(F.linear(x / x.norm(), w), y))
