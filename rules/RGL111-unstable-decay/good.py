"""Learning rate times weight_decay is 0.03: the weights shrink by 3 % per step."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1, bias=False)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.3)

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
norm_before = model.weight.detach().norm()
gradient = model.weight.grad.norm()
optimizer.step()

print(f"norm of the weights: {norm_before:.3f} before the step, {model.weight.detach().norm():.3f} after it")
print(f"the data moved them by {0.1 * gradient:.3f}")
