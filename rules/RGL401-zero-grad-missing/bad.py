"""Nobody clears the gradients: every step repeats all the earlier ones."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

for step in range(3):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    print(f"step {step}: norm of the gradient that was used {model.weight.grad.norm():.3f}")
