"""`size_average` has been deprecated since torch 0.4.1; it still wins over everything else."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.rand(64, 1).round()
model = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())
criterion = nn.BCELoss(size_average=False)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"reduction: {criterion.reduction}, loss: {loss.item():.4f}")
