"""Predictions of a model with dropout that is still in training mode are random."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

model.train()
optimizer.zero_grad()
loss = criterion(model(x), y)
loss.backward()
optimizer.step()

x_test = torch.randn(1, 20)
with torch.no_grad():
    predictions = torch.cat([model(x_test) for _ in range(2000)])
print(f"2000 predictions for the same input: mean {predictions.mean():.3f}, standard deviation {predictions.std():.3f}")
