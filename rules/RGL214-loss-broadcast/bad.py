"""Predictions of shape (64, 1) minus targets of shape (64,) are a table of 64 by 64 differences."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 20)
y = x[:, 0]
model = nn.Linear(20, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for step in range(200):
    prediction = model(x)
    loss = ((prediction - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}, predictions between {prediction.min():.2f} and {prediction.max():.2f}")
