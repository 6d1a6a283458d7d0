"""A new tensor made of the loss has no past: backward() ends at once."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
before = model.weight.detach().clone()

optimizer.zero_grad()
loss = criterion(model(x), y)
loss = torch.tensor(loss.item(), requires_grad=True)
loss.backward()
optimizer.step()
print(f"the weights moved by {(model.weight.detach() - before).norm():.4f}")
