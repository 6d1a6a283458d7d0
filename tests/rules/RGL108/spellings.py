"""Groups that were kept apart so as not to decay, and inherit a default that is not 0."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.norm = nn.LayerNorm(40)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(F.gelu(self.norm(self.fc1(x))))


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def no_decay_group_without_a_key(loader):
    model = Net()
    decay = [p for p in model.parameters() if p.ndim >= 2]
    no_decay = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [
            {"params": decay, "weight_decay": 0.1},
            # want-next RGL108 "0.01"
            {"params": no_decay},
        ],
        lr=3e-4,
    )
    fit(model, optimizer, loader)


def groups_in_a_list(loader):
    model = Net()
    biases, weights = [], []
    for name, param in model.named_parameters():
        (weights if param.ndim > 1 else biases).append(param)
    parameters = [{"params": weights, "weight_decay": 1e-2}]
    parameters.append({"params": biases})  # want RGL108 "0.01"
    fit(model, torch.optim.AdamW(parameters, lr=3e-4), loader)


def added_later(loader):
    model = Net()
    optimizer = torch.optim.AdamW([{"params": model.fc1.weight, "weight_decay": 0.05}], lr=1e-3)
    optimizer.add_param_group({"params": [model.fc1.bias, *model.norm.parameters()]})  # want RGL108 "0.01"
    optimizer.add_param_group({"params": model.fc2.weight, "weight_decay": 0.05})
    fit(model, optimizer, loader)


def muon(loader):
    model = nn.Sequential(nn.Linear(20, 40, bias=False), nn.ReLU(), nn.Linear(40, 2, bias=False))
    optimizer = torch.optim.Muon(
        [
            {"params": [model[0].weight], "weight_decay": 0.01},
            {"params": [model[2].weight]},  # want RGL108 "0.1"
        ],
        lr=1e-3,
    )
    fit(model, optimizer, loader)
