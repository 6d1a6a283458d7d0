"""Keys of parameter groups that torch keeps and never reads, and those that others read."""

import torch
from torch import nn

model = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Linear(40, 2))
first, last = model[0], model[2]

torch.optim.SGD([{"params": first.parameters(), "weight_dacay": 0.01}, {"params": last.parameters()}], lr=0.1)  # want RGL110:error "weight_decay"
torch.optim.Adam([{"params": first.parameters(), "learning_rate": 1e-4}, {"params": last.parameters()}], lr=1e-3)  # want RGL110:error "lr"
torch.optim.SGD([{"params": first.parameters(), "wd": 0.01}, {"params": last.parameters()}], lr=0.1)  # want RGL110:error "weight_decay"

torch.optim.SGD([{"params": first.parameters(), "lr": 0.01, "name": "first", "layer_id": 0}, {"params": last.parameters()}], lr=0.1)
torch.optim.AdamW([{"params": first.parameters(), "initial_lr": 1e-3, "lr_scale": 0.5, "weight_decay": 0.0}], lr=1e-3)
