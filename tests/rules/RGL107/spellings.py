"""Coupled decay in optimizers that divide by the size of the gradient."""

import argparse

import torch
from torch import nn, optim
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--wd", type=float, default=5e-4)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40, bias=False)
        self.fc2 = nn.Linear(40, 2, bias=False)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


def fit(model, optimizer, loader):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def small_decay_is_a_note(loader):
    net = Net()
    fit(net, torch.optim.Adam(net.parameters(), lr=1e-4, weight_decay=1e-5), loader)  # want RGL107:note "1e-5"


def values_of_adamw_are_a_warning(loader):
    net = Net()
    fit(net, optim.Adam(net.parameters(), lr=3e-4, weight_decay=0.01), loader)  # want RGL107:warning "0.01"


def by_position(loader):
    net = Net()
    fit(net, optim.Adam(net.parameters(), 1e-3, (0.9, 0.98), 1e-8, 0.1), loader)  # want RGL107:warning "0.1"


def the_relatives(loader):
    net = Net()
    fit(net, optim.RMSprop(net.parameters(), lr=1e-3, weight_decay=1e-4), loader)  # want RGL107:note
    fit(net, optim.Adagrad(net.parameters(), lr=1e-2, weight_decay=1e-4), loader)  # want RGL107:note
    fit(net, optim.Adadelta(net.parameters(), weight_decay=1e-4), loader)  # want RGL107:note
    fit(net, optim.Adamax(net.parameters(), weight_decay=0.05), loader)  # want RGL107:warning
    fit(net, optim.NAdam(net.parameters(), weight_decay=1e-4), loader)  # want RGL107:note
    fit(net, optim.RAdam(net.parameters(), weight_decay=0.01), loader)  # want RGL107:warning


def chosen_by_an_option(loader):
    args = parser.parse_args()
    net = Net()
    if args.optimizer == "adam":
        optimizer = optim.Adam(net.parameters(), lr=args.lr, weight_decay=args.wd)  # want RGL107:note "0.0005"
    else:
        optimizer = optim.SGD(net.parameters(), lr=args.lr, weight_decay=args.wd)
    fit(net, optimizer, loader)


def one_group(loader):
    net = Net()
    optimizer = optim.Adam(
        [
            # want-next RGL107:warning "0.02"
            {"params": net.fc1.parameters(), "weight_decay": 0.02},
            {"params": net.fc2.parameters()},
        ],
        lr=1e-3,
    )
    fit(net, optimizer, loader)


def more_than_any_recipe_takes(loader):
    net = Net()
    fit(net, optim.Adam(net.parameters(), lr=2e-4, weight_decay=10), loader)  # want RGL107:warning "10 is more than even AdamW takes; in Adam"
