"""Under no_grad() autograd notices the change."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(8, 4)
model = nn.Linear(4, 1, bias=False)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

squares = model.weight**2
with torch.no_grad():
    model.weight.mul_(10)
loss = (squares * x.mean(dim=0)).sum()
optimizer.zero_grad()
try:
    loss.backward()
    print("backward ran, with weights that are not those of the forward pass")
except RuntimeError as error:
    print("backward refused:", "modified by an inplace operation" in str(error))
optimizer.step()
