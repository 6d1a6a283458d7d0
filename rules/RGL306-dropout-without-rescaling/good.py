"""What is kept is divided by the probability to be kept."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.hidden = nn.Linear(20, 200)
        self.out = nn.Linear(200, 1)

    def features(self, x):
        x = F.relu(self.hidden(x))
        if self.training:
            mask = (torch.rand_like(x) > self.p).float()
            x = x * mask / (1 - self.p)
        return x

    def forward(self, x):
        return self.out(self.features(x))


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
model.train()
optimizer.zero_grad()
F.mse_loss(model(x), y).backward()
optimizer.step()

with torch.no_grad():
    training = model.features(x).mean().item()
    model.eval()
    print(f"mean activation: {training:.3f} in training, {model.features(x).mean().item():.3f} in evaluation")
