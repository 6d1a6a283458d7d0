"""A parameter that stands twice, and those that only look so."""

import torch
from torch import nn

model = nn.Linear(20, 2, bias=False)
other = nn.Linear(20, 2, bias=False)
torch.optim.SGD(list(model.parameters()) + [model.weight], lr=0.1)  # want RGL113
torch.optim.SGD([model.weight, other.weight, model.weight], lr=0.1)  # want RGL113

torch.optim.SGD([model.weight, other.weight], lr=0.1)
torch.optim.SGD([*model.parameters(), *other.parameters()], lr=0.1)
torch.optim.SGD(model.parameters(), lr=0.1)
