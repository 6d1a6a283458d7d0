"""Adam is built again in every epoch and forgets its moments."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()

for epoch in range(3):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
print(f"steps that Adam remembers: {int(optimizer.state[model.weight]['step'])}")
