"""`reduction="none"` gives one loss for each sample, and backward() wants one number."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 4, (64,))
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = F.cross_entropy(model(x), y, reduction="none")
optimizer.zero_grad()
try:
    loss.backward()
    print("backward works")
except RuntimeError as error:
    print(error)
optimizer.step()
