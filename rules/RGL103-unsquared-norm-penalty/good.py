"""The squared norm: the pull is proportional to the weight."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
weight_lambda = 0.01

for name, scale in (("weights as they are", 1.0), ("weights ten times as large", 10.0)):
    with torch.no_grad():
        model[0].weight.mul_(scale)
    l2_reg = torch.tensor(0.0)
    for param in model.parameters():
        l2_reg = l2_reg + torch.norm(param) ** 2
    loss = criterion(model(x), y) + weight_lambda * l2_reg
    (pull,) = torch.autograd.grad(weight_lambda * l2_reg, model[0].weight, retain_graph=True)
    print(f"{name}: the penalty pulls with {pull.norm():.4f}")

optimizer.zero_grad()
loss.backward()
optimizer.step()
