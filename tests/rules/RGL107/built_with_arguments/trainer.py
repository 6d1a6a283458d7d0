"""Defaults of a constructor that every caller overrides are no evidence; a method that nobody calls is read all the same."""

import torch
from torch.nn import functional as F


class Optim:
    def __init__(self, params, lr, clip, lr_decay=1, weight_decay=1):
        self.params = list(params)
        self.lr, self.clip, self.lr_decay, self.weight_decay = lr, clip, lr_decay, weight_decay
        self.optimizer = torch.optim.Adam(self.params, lr=self.lr, weight_decay=self.weight_decay)  # want RGL107:note "1e-5"

    def step(self):
        self.optimizer.step()

    def lower(self):
        self.lr = self.lr * self.lr_decay
        self.optimizer = torch.optim.Adam(self.params, lr=self.lr, weight_decay=self.weight_decay)


def fit(net, optim, loader):
    for x, y in loader:
        net.zero_grad()
        F.mse_loss(net(x), y).backward()
        optim.step()
