"""A second backward() through a graph that belongs to the weights before the step."""

import torch
from torch import nn

torch.manual_seed(0)
x, y, z = torch.randn(64, 20), torch.randn(64, 1), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

output = model(x)
optimizer.zero_grad()
criterion(output, y).backward(retain_graph=True)
optimizer.step()
optimizer.zero_grad()
criterion(output, z).backward()
used = model.weight.grad.clone()
(true,) = torch.autograd.grad(criterion(model(x), z), model.weight)
optimizer.step()
print(f"the second gradient is off by {(used - true).norm() / true.norm():.2f} of its length")
