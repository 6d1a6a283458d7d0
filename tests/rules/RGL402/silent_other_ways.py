"""A step of the gradients elsewhere, a loss that is not finite, an optimizer of another model."""

import torch
from torch import nn
from torch.nn import functional as F


def loss_not_finite(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        if not torch.isfinite(loss):
            optimizer.zero_grad()
        optimizer.step()


def other_model(loader):
    student, probe = nn.Linear(20, 20), nn.Linear(20, 2)
    opt_s = torch.optim.SGD(student.parameters(), lr=0.1)
    opt_p = torch.optim.SGD(probe.parameters(), lr=0.1)
    for x, y in loader:
        opt_s.zero_grad()
        F.cross_entropy(probe(student(x)), y).backward()
        opt_p.zero_grad()
        opt_s.step()


def built_anew_at_times(loader, lr=1e-3):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(20):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        if epoch % 5 == 4:
            lr *= 0.5
            optimizer = torch.optim.Adam(model.parameters(), lr=lr)


def built_anew_at_times_and_cleared_by_the_model(loader, lr=1e-3):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(20):
        for x, y in loader:
            model.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        if epoch % 5 == 4:
            lr *= 0.5
            optimizer = torch.optim.Adam(model.parameters(), lr=lr)


def one_backward_for_two_that_take_turns(loader, every=4):
    body, head = nn.Linear(20, 8), nn.Linear(8, 2)
    of_body = torch.optim.SGD(body.parameters(), lr=0.1)
    of_head = torch.optim.SGD(head.parameters(), lr=0.1)
    for i, (x, y) in enumerate(loader):
        of_head.zero_grad()
        if i % every == 0:
            of_body.zero_grad()
        F.cross_entropy(head(body(x)), y).backward()
        of_head.step()
        if i % every == 0:
            of_body.step()
