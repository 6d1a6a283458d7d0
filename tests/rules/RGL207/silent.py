"""The activation is there, under whatever name, or nothing is known."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x):
        return self.softmax(self.fc(x))


def fit(model, criterion, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def right(loader):
    fit(Net(), nn.NLLLoss(), loader)
    fit(nn.Sequential(nn.Linear(20, 10), nn.LogSoftmax(dim=-1)), nn.NLLLoss(), loader)
    fit(nn.Sequential(nn.Linear(20, 1), nn.Sigmoid()), nn.BCELoss(), loader)
    fit(nn.Linear(20, 1), nn.BCEWithLogitsLoss(), loader)
    fit(nn.Linear(20, 10), lambda output, y: F.nll_loss(F.log_softmax(output, dim=1), y), loader)
    fit(nn.Linear(20, 10), lambda output, y: F.nll_loss(torch.log(F.softmax(output, dim=1) + 1e-8), y), loader)


def kl(loader):
    model = nn.Linear(20, 10)
    criterion = nn.KLDivLoss(reduction="batchmean", log_target=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, target in loader:
        optimizer.zero_grad()
        loss = criterion(F.log_softmax(model(x), dim=1), F.log_softmax(target, dim=1))
        loss = loss + F.kl_div(F.softmax(model(x), dim=1).log(), F.softmax(target, dim=1), reduction="batchmean")
        loss.backward()
        optimizer.step()


def clamped(loader):
    model = nn.Linear(20, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.binary_cross_entropy(torch.clamp(model(x), 0, 1), y).backward()
        optimizer.step()


def unknown_model(loader, model):
    fit(model, nn.NLLLoss(), loader)
    fit(model, nn.BCELoss(), loader)


def cut_off_by_masks(loader, wide):
    model = nn.Linear(20, 1) if wide else nn.Sequential(nn.Linear(20, 4), nn.ReLU(), nn.Linear(4, 1))
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        output = model(x).view(-1)
        output[output < 0] = 0
        too_large = output > 1
        output[too_large] = 1.0
        criterion(output, y).backward()
        optimizer.step()


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(20, 4)
        self.outer = nn.Sequential()
        self.outer.add_module(name="last", module=nn.Sigmoid())

    def forward(self, x):
        return self.outer(self.inner(x))


def named(loader):
    fit(Named(), nn.BCELoss(), loader)
