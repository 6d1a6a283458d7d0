"""An average of the weights that leaves the statistics of BatchNorm as they were at the start."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = 5 + torch.randn(64, 20), torch.randint(0, 4, (64,))
model = nn.Sequential(nn.BatchNorm1d(20), nn.Linear(20, 4))
ema = copy.deepcopy(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def update_ema(decay=0.9):
    with torch.no_grad():
        for average, param in zip(ema.parameters(), model.parameters()):
            average.lerp_(param, 1 - decay)


model.train()
for _ in range(20):
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    update_ema()

model.eval()
ema.eval()
with torch.no_grad():
    accuracy = [(m(x).argmax(1) == y).float().mean().item() for m in (model, ema)]
print(f"running mean: {model[0].running_mean.mean():.2f} of the model, {ema[0].running_mean.mean():.2f} of the average")
