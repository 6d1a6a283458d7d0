"""An L2 penalty in the loss and weight_decay in the optimizer shrink the same weights."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights

model = nn.Sequential(nn.Linear(20, 50, bias=False), nn.ReLU(), nn.Linear(50, 1, bias=False))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
l2_lambda = 0.01
before = model[0].weight[:, 0].detach().clone()

loss = criterion(model(x), y)
l2_norm = sum(p.pow(2.0).sum() for p in model.parameters())
loss = loss + l2_lambda * l2_norm
optimizer.zero_grad()
loss.backward()
optimizer.step()

after = model[0].weight[:, 0].detach()
print(f"decay per step and learning rate: {((1 - after / before) / 0.1).mean():.4f}")
