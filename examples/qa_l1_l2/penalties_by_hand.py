"""The last answer: weight_decay for L2, sums over the parameters for L1 and L2."""

import torch
from torch import nn

from network import make_batch, make_model

loss_fn = nn.CrossEntropyLoss()
x, labels = make_batch()


def with_weight_decay(weight_decay=1e-3):
    model = make_model()
    sgd = torch.optim.SGD(model.parameters(), weight_decay=weight_decay)
    for _ in range(100):
        loss = loss_fn(model(x), labels)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return loss.item()


def with_l1():
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(100):
        outputs = model(x)
        loss = loss_fn(outputs, labels)
        l1_lambda = 0.001
        l1_norm = sum(p.abs().sum() for p in model.parameters())

        loss = loss + l1_lambda * l1_norm
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def with_l2():
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(100):
        outputs = model(x)
        loss = loss_fn(outputs, labels)
        l2_lambda = 0.001
        l2_norm = sum(p.pow(2.0).sum() for p in model.parameters())

        loss = loss + l2_lambda * l2_norm
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


print(f"weight_decay {with_weight_decay():.4f}, L1 {with_l1():.4f}, L2 {with_l2():.4f}")
