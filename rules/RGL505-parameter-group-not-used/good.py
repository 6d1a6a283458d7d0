"""The optimizer gets the groups."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights
model = nn.Linear(20, 1)
groups = [
    {"params": [model.weight], "weight_decay": 0.01},
    {"params": [model.bias], "weight_decay": 0.0},
]
optimizer = torch.optim.SGD(groups, lr=0.1)
before = model.weight[0, 0].item()

optimizer.zero_grad()
nn.functional.mse_loss(model(x), y).backward()
optimizer.step()
print(f"decay per step and learning rate: {(1 - model.weight[0, 0].item() / before) / 0.1:.4f}")
