"""Softmax in the model and again in CrossEntropyLoss: the loss cannot reach zero and the gradient is faint."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 10, (64,))
model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"loss {loss.item():.4f}, norm of the gradient {model[0].weight.grad.norm():.4f}")
