"""Every parameter is listed once."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights
model = nn.Linear(20, 1, bias=False)
parameters = list(model.parameters())
optimizer = torch.optim.SGD(parameters, lr=0.1, weight_decay=0.1)
before = model.weight[0, 0].item()

loss = nn.functional.mse_loss(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"what a step leaves of an idle weight: {model.weight[0, 0].item() / before:.4f}")
