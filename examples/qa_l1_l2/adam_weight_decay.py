"""The first answers: L2 by weight_decay, in Adam and in Adagrad."""

import torch
from torch import nn

from network import make_batch, make_model

criterion = nn.CrossEntropyLoss()
x, y = make_batch()


def train(model, optimizer, steps=100):
    for _ in range(steps):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


model = make_model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-5)
print(f"Adam: {train(model, optimizer):.4f}")

model = make_model()
optimizer = torch.optim.Adagrad(model.parameters(), lr=1e-2, weight_decay=1e-5)
print(f"Adagrad: {train(model, optimizer):.4f}")
