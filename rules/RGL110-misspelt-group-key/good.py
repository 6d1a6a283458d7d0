"""The key is spelt as the optimizer reads it."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights
model = nn.Linear(20, 1)
optimizer = torch.optim.SGD(
    [
        {"params": [model.weight], "weight_decay": 0.01},
        {"params": [model.bias]},
    ],
    lr=0.1,
)
before = model.weight[0, 0].item()

loss = nn.functional.mse_loss(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"decay per step and learning rate: {(1 - model.weight[0, 0].item() / before) / 0.1:.4f}")
