"""Noise that a training loop puts on its inputs is not on in evaluation; a function that both call is."""

import torch
from torch import nn
from torch.nn import functional as F


def denoising(loader, corruption=0.3):
    model = nn.Sequential(nn.Linear(20, 5), nn.ReLU(), nn.Linear(5, 20))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        for x, _ in loader:
            optimizer.zero_grad()
            noisy = F.dropout(x, p=0.2)
            F.mse_loss(model(noisy), x).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print(sum(F.mse_loss(model(x), x).item() for x, _ in loader))


def predict(model, x):
    return model(F.dropout(x, p=0.5))  # want RGL302 "F.dropout(p=0.5)"


def both(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(predict(model, x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            print((predict(model, x).argmax(1) == y).sum().item())
