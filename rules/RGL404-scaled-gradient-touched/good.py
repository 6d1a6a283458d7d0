"""`unscale_` first: the threshold means what it says."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
before = model.weight.detach().clone()

with torch.autocast("cpu", dtype=torch.float16):
    loss = criterion(model(x), y)
optimizer.zero_grad()
scaler.scale(loss).backward()
scaler.unscale_(optimizer)
torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
scaler.step(optimizer)
scaler.update()

moved = (model.weight.detach() - before).norm()
print(f"the step is as long as a gradient of norm {moved / 0.1:.6f} makes it")
