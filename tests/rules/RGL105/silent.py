"""Assignments to .grad that keep the gradient, or replace it by a better one on purpose."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def sums(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for p in model.parameters():
            p.grad = p.grad + 1e-4 * torch.sign(p.data)
        for p in model.parameters():
            p.grad += 1e-4 * p.data
        for p in model.parameters():
            p.grad.add_(torch.sign(p.data), alpha=1e-4)
            p.grad.data = p.grad.data + 1e-4 * p.data
        optimizer.step()


def scaled_and_clipped(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for p in model.parameters():
            p.grad = torch.clamp(p.grad, -1, 1)
            p.grad = p.grad / (p.grad.norm() + 1e-8)
        optimizer.step()


def cleared(loader):
    model, optimizer = make()
    for x, y in loader:
        for p in model.parameters():
            p.grad = None
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def one_layer_is_left_alone(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        model.bias.grad = None
        optimizer.step()


def averaged_over_processes(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        for p in model.parameters():
            mean = p.grad.clone()
            dist.all_reduce(mean)
            p.grad = mean / dist.get_world_size()
        optimizer.step()


def from_another_worker(loader, worker):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        gradients = worker.exchange([p.grad for p in model.parameters()])
        for p, g in zip(model.parameters(), gradients):
            p.grad = g
        optimizer.step()


def saved_and_restored(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        saved = [p.grad.clone() for p in model.parameters()]
        optimizer.zero_grad()
        for p, g in zip(model.parameters(), saved):
            p.grad = g
        optimizer.step()


def gradient_surgery(loader):
    model, optimizer = make()
    for x, y, z in loader:
        optimizer.zero_grad()
        first = torch.autograd.grad(F.cross_entropy(model(x), y), model.parameters(), retain_graph=True)
        second = torch.autograd.grad(F.cross_entropy(model(x), z), model.parameters())
        for p, a, b in zip(model.parameters(), first, second):
            dot = (a * b).sum()
            p.grad = a + (b - dot / a.pow(2).sum() * a if dot < 0 else b)
        optimizer.step()


def first_order_meta_learning(tasks):
    model, optimizer = make()
    for support, query in tasks:
        fast = nn.Linear(20, 2)
        fast.load_state_dict(model.state_dict())
        F.cross_entropy(fast(query[0]), query[1]).backward()
        for p, q in zip(model.parameters(), fast.parameters()):
            p.grad = q.grad.clone()
        optimizer.step()


def reptile(tasks, train):
    model, optimizer = make()
    for task in tasks:
        tuned = train(model, task)
        for p, q in zip(model.parameters(), tuned.parameters()):
            p.grad = p.data - q.data
        optimizer.step()
