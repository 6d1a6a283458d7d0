import torch
from torch import nn

from steps import backward_pass

model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    loss = nn.functional.mse_loss(model(torch.randn(8, 4)), torch.randn(8, 1))
    backward_pass(loss, optimizer)
    optimizer.step()
