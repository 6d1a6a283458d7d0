"""Clipping stands between `backward()` and `step()`."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), 100 * torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
before = model.weight.detach().clone()

optimizer.zero_grad()
loss = criterion(model(x), y)
loss.backward()
nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
optimizer.step()

moved = (model.weight.detach() - before).norm()
print(f"the step is as long as a gradient of norm {moved / 0.1:.4f} makes it")
