"""The training loss that is printed contains the penalty, the validation loss does not."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x_val, y_val = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Linear(20, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

data_loss = criterion(model(x), y)
loss = data_loss + 0.1 * sum(p.abs().sum() for p in model.parameters())
optimizer.zero_grad()
loss.backward()
optimizer.step()
with torch.no_grad():
    val_loss = criterion(model(x_val), y_val)
print(f"training loss {loss.item():.4f}, validation loss {val_loss.item():.4f}")
