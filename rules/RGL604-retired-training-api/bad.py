"""`clip_grad_norm` without the underscore is deprecated."""

import warnings

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 4, (64,))
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer.zero_grad()
F.cross_entropy(model(x), y).backward()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    nn.utils.clip_grad_norm(model.parameters(), 1.0)
optimizer.step()
print(f"warnings: {len(caught)}")
