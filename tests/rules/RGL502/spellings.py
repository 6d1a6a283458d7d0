"""Modules that nobody registers, and those that somebody does."""

import torch
from torch import nn


class PlainList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(20, 20) for _ in range(3)]  # want RGL502:error
        self.out = nn.Linear(20, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.out(x)


class PlainDict(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {"a": nn.Linear(20, 1), "b": nn.Linear(20, 2)}  # want RGL502:error

    def forward(self, x, name):
        return self.heads[name](x)


class Moved(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(20, 1)).cuda()  # want RGL502:error

    def forward(self, x):
        return x @ self.w


class Registered(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Linear(20, 20) for _ in range(3)]
        self.body = nn.Sequential(*layers)
        self.blocks = nn.ModuleList([nn.Linear(20, 20) for _ in range(3)])
        self.extra = []
        for i in range(2):
            layer = nn.Linear(20, 20)
            self.add_module(f"extra_{i}", layer)
            self.extra.append(layer)
        self.activations = [nn.ReLU(), nn.Tanh()]
        self.order = [self.body, self.blocks[0]]

    def forward(self, x):
        for module in self.order + self.extra + self.activations:
            x = module(x)
        return x


class CastToWhatItIs(nn.Module):
    """float() of a float tensor is the tensor itself, so this is a Parameter."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(20)).float()

    def forward(self, x):
        return x * self.scale


class OnTheDeviceAlready(nn.Module):
    """to() of what is there already returns it as it is: a Parameter, registered."""

    def __init__(self, count, device):
        super().__init__()
        self.source = nn.Parameter(torch.randn(count, 10).to(device), requires_grad=True).to(device)
        self.target = nn.Parameter(torch.randn(10, count, device=device)).to(device)
        self.bias = nn.Parameter(torch.zeros(count).cuda()).cuda()

    def forward(self, x):
        return torch.relu(self.source @ self.target) @ x + self.bias


class PerhapsOnTheDeviceAlready(nn.Module):
    def __init__(self, count, device, start=None):
        super().__init__()
        drawn = torch.randn(count, 10).to(device)
        self.source = nn.Parameter(drawn).to(device)
        if start is None:
            self.target = nn.Parameter(torch.randn(count, 10).to(device)).to(device)
        else:
            u, _, _ = torch.svd(start)
            self.target = nn.Parameter(u[:, :10]).to(device)

    def forward(self, x):
        return self.source @ self.target @ x


class OnTheDeviceAfterwards(nn.Module):
    def __init__(self, count, device, other):
        super().__init__()
        self.source = nn.Parameter(torch.randn(count, 10).to(other)).to(device)  # want RGL502

    def forward(self, x):
        return self.source @ x
