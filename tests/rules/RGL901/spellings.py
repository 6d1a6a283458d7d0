"""Suppressions that suppress nothing."""

import torch
from torch import nn

model = nn.Linear(20, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)  # reglint: ignore[RGL107] -- was Adam once  # want RGL901
for _ in range(10):
    x, y = torch.randn(8, 20), torch.randint(0, 2, (8,))
    optimizer.zero_grad()
    # want-next RGL901
    loss = nn.functional.cross_entropy(model(x), y)  # reglint: ignore[double-l2] -- nothing doubled here
    loss.backward()
    optimizer.step()
