"""The rate is one minus the probability to keep."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
keep_prob = 0.9
dropout = nn.Dropout(1 - keep_prob)
model = nn.Sequential(nn.Linear(20, 200), nn.ReLU(), dropout, nn.Linear(200, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
model.train()
optimizer.zero_grad()
F.mse_loss(model(x), y).backward()
optimizer.step()

kept = dropout(torch.ones(100_000))
print(f"kept: {(kept > 0).float().mean():.2f}, and multiplied by {kept.max():.4f}")
