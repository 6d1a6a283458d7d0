"""The coefficients cannot both be non-zero, or the penalty does not reach backward()."""
# quiet RGL102 -- the biases are decayed in most of these, which is not the point
# quiet RGL112 -- where only the penalty acts, its strength may be said

import argparse
import logging

import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--l2", type=float, default=0.0)
parser.add_argument("--weight-decay", type=float, default=5e-4)


def sum_of_squares(model):
    return sum(p.pow(2).sum() for p in model.parameters())


def zero_by_default(batches):
    args = parser.parse_args()
    model = nn.Linear(20, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=args.weight_decay)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + args.l2 * sum_of_squares(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def one_or_the_other(batches, l2=1e-3):
    model = nn.Linear(20, 3)
    if l2 > 0:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=5e-4)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        if l2 > 0:
            loss = loss + l2 * sum_of_squares(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def a_guard_that_raises(batches, l2=1e-3, weight_decay=5e-4):
    if l2 and weight_decay:
        raise ValueError("choose one: a penalty in the loss or weight_decay")
    model = nn.Linear(20, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=weight_decay)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + l2 * sum_of_squares(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def only_logged(batches):
    model = nn.Linear(20, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=5e-4)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        logging.info("loss with decay: %.4f", (loss + 0.5 * 5e-4 * sum_of_squares(model)).item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def explicitly_without(batches):
    model = nn.Linear(20, 3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + 1e-3 * sum_of_squares(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
