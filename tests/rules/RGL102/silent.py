"""Nothing is decayed that should not be."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean(dim=(2, 3)))


def fit(model, optimizer, loader):
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()


def no_decay(loader):
    model = ConvNet()
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), loader)


def decay_of_zero(loader):
    model = ConvNet()
    fit(model, torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0), loader)


def only_matrices_in_the_model(loader):
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 32, bias=False), nn.ReLU(), nn.Linear(32, 10, bias=False))
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4), loader)


def norm_without_parameters(loader):
    model = nn.Sequential(nn.Linear(48, 32, bias=False), nn.BatchNorm1d(32, affine=False), nn.Linear(32, 10, bias=False))
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-4), loader)


def split_by_dimension(loader):
    model = ConvNet()
    decay = [p for n, p in model.named_parameters() if p.dim() >= 2]
    no_decay = [p for n, p in model.named_parameters() if p.dim() < 2]
    groups = [{"params": decay, "weight_decay": 0.1}, {"params": no_decay, "weight_decay": 0.0}]
    fit(model, torch.optim.AdamW(groups, lr=3e-4), loader)


def split_by_name(loader):
    model = ConvNet()
    special = ("bias", "bn")
    decay = [p for n, p in model.named_parameters() if not any(word in n for word in special)]
    rest = [p for n, p in model.named_parameters() if any(word in n for word in special)]
    optimizer = torch.optim.SGD([{"params": decay, "weight_decay": 5e-4}, {"params": rest}], lr=0.1)
    fit(model, optimizer, loader)


def split_by_module_type(loader):
    model = ConvNet()
    decay, no_decay = [], []
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            decay.append(module.weight)
            if module.bias is not None:
                no_decay.append(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            no_decay.extend([module.weight, module.bias])
    fit(model, torch.optim.SGD([{"params": decay, "weight_decay": 1e-4}, {"params": no_decay, "weight_decay": 0}], lr=0.1), loader)


def weights_of_two_layers(loader):
    model = ConvNet()
    optimizer = torch.optim.SGD([model.conv.weight, model.fc.weight], lr=0.1, weight_decay=1e-4)
    fit(model, optimizer, loader)


def unknown_decay(loader, weight_decay):
    model = ConvNet()
    fit(model, torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=weight_decay), loader)
