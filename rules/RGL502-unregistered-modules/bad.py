"""Layers in a plain list are no part of the module: nobody trains them."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(20, 20) for _ in range(3)]
        self.out = nn.Linear(20, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.out(x)


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
before = model.layers[0].weight.detach().clone()
optimizer.zero_grad()
F.mse_loss(model(x), y).backward()
optimizer.step()

moved = (model.layers[0].weight.detach() - before).norm()
print(f"parameters: {sum(p.numel() for p in model.parameters())}, the first layer moved by {moved:.4f}")
