"""`requires_grad` is the name of the switch."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
backbone = nn.Sequential(nn.Linear(20, 50), nn.ReLU())
head = nn.Linear(50, 1)
for param in backbone.parameters():
    param.requires_grad = False

model = nn.Sequential(backbone, head)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
before = backbone[0].weight.detach().clone()

loss = nn.functional.mse_loss(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()

trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
moved = (backbone[0].weight.detach() - before).norm()
print(f"trainable parameters: {trainable}, the backbone moved by {moved:.4f}")
