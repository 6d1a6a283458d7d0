"""Distillation with the default reduction of kl_div, which averages over the classes as well."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x = torch.randn(64, 20)
teacher, student = nn.Linear(20, 10), nn.Linear(20, 10)
optimizer = torch.optim.SGD(student.parameters(), lr=0.1)

with torch.no_grad():
    target = F.softmax(teacher(x), dim=1)
loss = F.kl_div(F.log_softmax(student(x), dim=1), target, reduction="mean")
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"loss: {loss.item():.4f}, norm of the gradient: {student.weight.grad.norm():.4f}")
