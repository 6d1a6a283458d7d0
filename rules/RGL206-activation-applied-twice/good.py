"""The model gives logits; CrossEntropyLoss has the softmax."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 10, (64,))
model = nn.Sequential(nn.Linear(20, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"loss {loss.item():.4f}, norm of the gradient {model[0].weight.grad.norm():.4f}")
