import torch
from torch import nn

from layers import Decayed

model = nn.Sequential(Decayed(nn.Linear(10, 20)), nn.ReLU(), Decayed(nn.Linear(20, 1)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    x, y = torch.randn(8, 10), torch.randn(8, 1)
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
