"""The penalty is divided by the batch size: its strength depends on how many samples a step sees."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but the penalty moves its weights

model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
l1_lambda = 0.01
before = model[0].weight[:, 0].detach().clone()

l1_norm = sum(p.abs().sum() for p in model.parameters())
loss = criterion(model(x), y) + l1_lambda * l1_norm / x.size(0)
optimizer.zero_grad()
loss.backward()
optimizer.step()

moved = (model[0].weight[:, 0].detach() - before).abs().mean()
print(f"strength that acted: {moved / 0.1:.6f}")
