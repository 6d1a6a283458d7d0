"""The default is 0, or accepted, or said."""
# quiet RGL102 -- some of these decay biases on purpose

import torch
from torch import nn
from torch.nn import functional as F

from factory import add_weight_decay


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def weight_and_bias_with_sgd(loader, wd=3):
    net = nn.Sequential(nn.Linear(200, 1))
    trainer = torch.optim.SGD([{"params": net[0].weight, "weight_decay": wd}, {"params": net[0].bias}], lr=0.003)
    for x, y in loader:
        trainer.zero_grad()
        F.mse_loss(net(x), y).backward()
        trainer.step()


def one_group_accepts_the_default(loader):
    model = Net()
    fit(model, torch.optim.AdamW(model.parameters(), lr=1e-3), loader)


def said_in_the_group(loader):
    model = Net()
    groups = [
        {"params": [model.fc1.weight, model.fc2.weight], "weight_decay": 0.1},
        {"params": [model.fc1.bias, model.fc2.bias], "weight_decay": 0.0},
    ]
    fit(model, torch.optim.AdamW(groups, lr=1e-3), loader)


def said_in_the_call(loader):
    model = Net()
    groups = [{"params": model.fc1.parameters(), "weight_decay": 0.02}, {"params": model.fc2.parameters()}]
    fit(model, torch.optim.AdamW(groups, lr=1e-3, weight_decay=0.0), loader)
    fit(model, torch.optim.AdamW(groups, lr=1e-3, weight_decay=0.03), loader)


def groups_differ_in_learning_rate_only(loader):
    model = Net()
    groups = [{"params": model.fc1.parameters(), "lr": 1e-4}, {"params": model.fc2.parameters(), "lr": 1e-3}]
    fit(model, torch.optim.AdamW(groups), loader)


def built_by_a_factory_of_another_package(loader):
    model = Net()
    fit(model, torch.optim.AdamW(add_weight_decay(model, 0.05), lr=1e-3), loader)


def old_transformers_default_is_zero(loader):
    from transformers import AdamW

    model = Net()
    groups = [{"params": [model.fc1.weight], "weight_decay": 0.01}, {"params": [model.fc1.bias]}]
    fit(model, AdamW(groups, lr=5e-5), loader)


def a_group_that_an_option_adds(loader, deep):
    model = Net()
    groups = [
        {"params": [p for n, p in model.fc1.named_parameters() if "bias" not in n], "weight_decay": 0.01},
        {"params": [p for n, p in model.fc1.named_parameters() if "bias" in n], "weight_decay": 0.0},
    ]
    if deep == "yes":
        groups.append({"params": list(model.fc2.parameters()), "weight_decay": 0.01, "lr": 1e-3})
    fit(model, torch.optim.AdamW(groups, lr=1e-4), loader)
