"""The sum is a number."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

total = 0.0
for step in range(3):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    total += loss.item()
print(f"the total is a {type(total).__name__}")
