"""The same step with Adam: the answer's formula, given as a general one, holds for plain SGD only."""

import torch
import torch.nn as nn
import torch.nn.functional as F

model = nn.Linear(1, 1)
nn.init.ones_(model.weight)
nn.init.ones_(model.bias)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1.0)

input = torch.tensor([[2.0], [4.0]])
target = torch.tensor([[7.0], [11.0]])
optimizer.zero_grad()
F.mse_loss(model(input), target).backward()
optimizer.step()
print(f"weight {model.weight.item():.4f}, bias {model.bias.item():.4f}: both moved by lr, decay or not")
