import torch
import yaml
from torch import nn

from optimizers import build_optimizer

with open("config.yaml") as handle:
    config = yaml.safe_load(handle)

model = nn.Sequential(nn.Linear(20, 40, bias=False), nn.ReLU(), nn.Linear(40, 2, bias=False))
optimizer = build_optimizer(model, config["train"])
criterion = nn.CrossEntropyLoss()
for epoch in range(config["train"]["epochs"]):
    x, y = torch.randn(32, 20), torch.randint(0, 2, (32,))
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
