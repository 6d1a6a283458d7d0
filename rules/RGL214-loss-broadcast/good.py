"""Predictions and targets have the same shape."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 20)
y = x[:, 0]
model = nn.Linear(20, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(200):
    prediction = model(x).squeeze(1)
    loss = ((prediction - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}, predictions between {prediction.min():.2f} and {prediction.max():.2f}")
