"""One activation, or one that is not on the path of the criterion."""

import torch
from torch import nn
from torch.nn import functional as F


class WithPredict(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.fc(x)

    def predict(self, x):
        return self.softmax(self.forward(x))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(20, 20), nn.Linear(20, 20), nn.Linear(20, 10)

    def forward(self, x):
        weights = torch.softmax(self.q(x) @ self.k(x).transpose(-2, -1), dim=-1)
        return (weights @ self.v(x)).mean(dim=1)


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.value = nn.Linear(20, 10), nn.Linear(20, 10)

    def forward(self, x):
        return torch.sigmoid(self.gate(x)) * self.value(x)


class OnlyInEvaluation(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        logits = self.fc(x)
        return logits if self.training else F.softmax(logits, dim=1)


class CalledSo(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = nn.Linear(20, 10)

    def forward(self, x):
        return self.softmax(x)


def fit(model, criterion, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def logits(loader):
    fit(WithPredict(), nn.CrossEntropyLoss(), loader)
    fit(Attention(), nn.CrossEntropyLoss(), loader)
    fit(Gated(), nn.CrossEntropyLoss(), loader)
    fit(OnlyInEvaluation(), nn.CrossEntropyLoss(), loader)
    fit(CalledSo(), nn.CrossEntropyLoss(), loader)


def one_activation(loader):
    fit(nn.Sequential(nn.Linear(20, 1), nn.Sigmoid()), nn.BCELoss(), loader)
    fit(nn.Sequential(nn.Linear(20, 10), nn.LogSoftmax(dim=1)), nn.NLLLoss(), loader)


def idempotent(loader):
    fit(nn.Sequential(nn.Linear(20, 10), nn.LogSoftmax(dim=1)), nn.CrossEntropyLoss(), loader)


def soft_target(loader):
    student, teacher = nn.Linear(20, 10), nn.Linear(20, 10)
    optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
    for x, _ in loader:
        with torch.no_grad():
            target = F.softmax(teacher(x), dim=1)
        optimizer.zero_grad()
        F.cross_entropy(student(x), target).backward()
        optimizer.step()


def accuracy_next_to_the_loss(loader):
    model = nn.Linear(20, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        output = model(x)
        F.cross_entropy(output, y).backward()
        optimizer.step()
        print((F.softmax(output, dim=1).argmax(dim=1) == y).float().mean().item())


def unknown_model(loader, model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
