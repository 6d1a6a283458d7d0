"""The head is replaced after the optimizer was built: the optimizer owns the old one."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Linear(20, 30)
        self.head = nn.Linear(30, 10)

    def forward(self, x):
        return self.head(torch.tanh(self.backbone(x)))


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 2, (64,))
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.head = nn.Linear(30, 2)
before = model.head.weight.detach().clone()

optimizer.zero_grad()
F.cross_entropy(model(x), y).backward()
optimizer.step()
print(f"the new head moved by {(model.head.weight.detach() - before).norm():.4f}")
