"""`nn.Dropout` wants the probability to drop, and gets the probability to keep."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, keep_prob=0.9):
        super().__init__()
        self.hidden = nn.Linear(20, 2000)
        self.dropout = nn.Dropout(keep_prob)
        self.out = nn.Linear(2000, 1)

    def forward(self, x):
        hidden = F.relu(self.hidden(x))
        dropped = self.dropout(hidden)
        return self.out(dropped), (dropped > 0).sum() / (hidden > 0).sum()


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
model.train()
optimizer.zero_grad()
output, kept = model(x)
F.mse_loss(output, y).backward()
optimizer.step()
print(f"kept: {kept.item():.2f}")
