"""A frozen backbone whose BatchNorm goes on measuring: train() switches its statistics on again."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = 5 + torch.randn(64, 20), torch.randint(0, 4, (64,))
backbone = nn.Sequential(nn.BatchNorm1d(20), nn.ReLU())
head = nn.Linear(20, 4)
model = nn.Sequential(backbone, head)
for param in backbone.parameters():
    param.requires_grad = False
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)

for epoch in range(1):
    model.train()
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"running mean of the frozen layer: {backbone[0].running_mean.mean():.2f}")
