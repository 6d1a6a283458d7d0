"""A penalty of 0.01 times the squared weights decays like weight_decay=0.02."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights

model = nn.Sequential(nn.Linear(20, 50, bias=False), nn.ReLU(), nn.Linear(50, 1, bias=False))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
weight_decay = 0.01
before = model[0].weight[:, 0].detach().clone()

loss = criterion(model(x), y)
for param in model.parameters():
    loss = loss + weight_decay * torch.sum(param**2)
optimizer.zero_grad()
loss.backward()
optimizer.step()

after = model[0].weight[:, 0].detach()
print(f"decay per step and learning rate: {((1 - after / before) / 0.1).mean():.4f}")
