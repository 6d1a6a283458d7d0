"""`scheduler.step()` before `optimizer.step()`: the first learning rate is never used."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.1)

for epoch in range(1):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    before = model.weight.detach().clone()
    scheduler.step()
    optimizer.step()
    moved = (model.weight.detach() - before).norm() / model.weight.grad.norm()
    print(f"learning rate of epoch {epoch}: {moved:.2f}")
