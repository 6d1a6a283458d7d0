"""The penalty is a term of the loss: autograd adds its gradient to that of the data."""

import torch
from torch import nn


class L1(nn.Module):
    """A layer with an L1 penalty on its parameters."""

    def __init__(self, module, strength):
        super().__init__()
        self.module = module
        self.strength = strength

    def penalty(self):
        return self.strength * sum(param.abs().sum() for param in self.module.parameters())

    def forward(self, x):
        return self.module(x)


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Sequential(L1(nn.Linear(20, 50), 1e-3), nn.Tanh(), L1(nn.Linear(50, 1), 1e-3))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = criterion(model(x), y) + model[0].penalty() + model[2].penalty()
optimizer.zero_grad()
loss.backward()

for index in (0, 2):
    weight = model[index].module.weight
    data_part = weight.grad - 1e-3 * weight.detach().sign()
    print(f"layer {index}: the data's part of the gradient has norm {data_part.norm():.4f}")
optimizer.step()
