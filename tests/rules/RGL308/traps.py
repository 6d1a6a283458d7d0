"""Averages whose statistics are seen to, that have none, or that are never evaluated; and other things that look like averages."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, update_bn


def make(norm=True):
    model = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40) if norm else nn.LayerNorm(40), nn.ReLU(), nn.Linear(40, 2))
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def train(model, optimizer, loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


@torch.no_grad()
def update(average, model, decay=0.99):
    for a, p in zip(average.parameters(), model.parameters()):
        a.data = decay * a.data + (1 - decay) * p.data  # want RGL308


def average_by_assignment(loader, val_loader, epochs):
    model, optimizer = make()
    average = copy.deepcopy(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        update(average, model)
        torch.save(average.state_dict(), "average.pt")
        print(evaluate(average, val_loader))


@torch.no_grad()
def mix(average, model, decay=0.99):
    for a, p in zip(average.parameters(), model.parameters()):
        a.copy_(decay * a + (1 - decay) * p)


def no_batch_statistics(loader, val_loader, epochs):
    model, optimizer = make(norm=False)
    average = copy.deepcopy(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        mix(average, model)
        print(evaluate(average, val_loader))


def a_teacher_in_training_mode(loader, epochs):
    """Its own forward passes keep the statistics moving."""
    model, optimizer = make()
    teacher = copy.deepcopy(model)
    model.train()
    teacher.train()
    for _ in range(epochs):
        for x, y in loader:
            with torch.no_grad():
                target = teacher(x).softmax(1)
            optimizer.zero_grad()
            F.cross_entropy(model(x), target).backward()
            optimizer.step()
            mix(teacher, model)


class Pair(nn.Module):
    def __init__(self, body, size):
        super().__init__()
        self.parts = nn.ModuleList([body, nn.Sequential(nn.Linear(size, 8), nn.BatchNorm1d(8))])

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x


def a_teacher_that_runs_part_by_part(body, loader, val_loader, epochs):
    """In training its parts are called one after the other, of which the first is not known here."""
    model = Pair(body, 40)
    teacher = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        teacher.train()
        for x, y in loader:
            with torch.no_grad():
                target = teacher.parts[1](teacher.parts[0](x))
            optimizer.zero_grad()
            F.mse_loss(model(x), target).backward()
            optimizer.step()
            mix(teacher, model)
        print(evaluate(teacher, val_loader))


@torch.no_grad()
def copy_all(target, model):
    for t, p in zip(target.parameters(), model.parameters()):
        t.copy_(p)


def a_copy_and_no_average(loader, val_loader, epochs):
    model, optimizer = make()
    target = copy.deepcopy(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        copy_all(target, model)
        print(evaluate(target, val_loader))


def statistics_by_name(loader, val_loader, epochs):
    model, optimizer = make()
    average = copy.deepcopy(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        mix(average, model)
        average[1].running_mean.copy_(model[1].running_mean)
        average[1].running_var.copy_(model[1].running_var)
        print(evaluate(average, val_loader))


def stochastic_weight_averaging(loader, val_loader, epochs):
    model, optimizer = make()
    average = AveragedModel(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        average.update_parameters(model)  # want RGL308
    print(evaluate(average, val_loader))


def with_new_statistics(loader, val_loader, epochs):
    model, optimizer = make()
    average = AveragedModel(model)
    for _ in range(epochs):
        train(model, optimizer, loader)
        average.update_parameters(model)
    update_bn(loader, average)
    print(evaluate(average, val_loader))


def with_averaged_buffers(loader, val_loader, epochs):
    model, optimizer = make()
    average = AveragedModel(model, use_buffers=True)
    for _ in range(epochs):
        train(model, optimizer, loader)
        average.update_parameters(model)
    print(evaluate(average, val_loader))
