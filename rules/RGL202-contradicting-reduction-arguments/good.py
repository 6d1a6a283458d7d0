"""`reduction="mean"` alone is a mean."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss(reduction="mean")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"reduction: {criterion.reduction}, norm of the gradient: {model.weight.grad.norm():.3f}")
