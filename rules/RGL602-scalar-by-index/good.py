"""`item()` gives the number."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 4, (64,))
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer.zero_grad()
loss = F.cross_entropy(model(x), y)
loss.backward()
optimizer.step()
try:
    print(f"loss {loss.item():.4f}")
except IndexError as error:
    print(error)
