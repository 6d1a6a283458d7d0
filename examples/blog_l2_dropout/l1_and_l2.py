"""The blog's regularisers: L1 by hand, L2 by weight_decay. (`calssify_loss` and `lamda`, undefined there, are repaired.)"""

import torch
from torch import nn

from data import patients

x, target = patients()


def l1(lamda=1e-3):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 60), nn.ReLU(), nn.Linear(60, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(100):
        pred = model(x)
        regularization_loss = 0
        for param in model.parameters():
            regularization_loss += torch.sum(abs(param))

        classify_loss = criterion(pred, target)
        loss = classify_loss + lamda * regularization_loss

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def l2():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 60), nn.ReLU(), nn.Linear(60, 1), nn.Sigmoid())
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=0.001)
    for _ in range(100):
        loss = criterion(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


print(f"L1 {l1():.4f}, L2 {l2():.4f}")
