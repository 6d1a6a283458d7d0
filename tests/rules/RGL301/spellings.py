"""Evaluations and predictions in training mode."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.fc1(x))))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))


def predict_after_training(loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        prediction = model(torch.randn(1, 20))  # want RGL301
    print("predict", prediction.argmax(dim=1))


def validation_without_eval(train_loader, val_loader):
    model = ConvNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        correct = total = 0
        with torch.no_grad():
            for x, y in val_loader:
                output = model(x)  # want RGL301
                correct += (output.argmax(1) == y).sum().item()
                total += len(y)
        print(epoch, correct / total)


def mode_set_back_inside_the_evaluation_loop(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        correct = 0
        with torch.no_grad():
            for x, y in val_loader:
                correct += (model(x).argmax(1) == y).sum().item()  # want RGL301
                model.train()
        print(epoch, correct)


def predicted(model, x):
    return model(x)  # want RGL301


def one_way_for_all(model, optimizer, train_set, test_set):
    """The function is that of training, but what calls it is not."""
    for x, y in train_set:
        optimizer.zero_grad()
        F.cross_entropy(predicted(model, x), y).backward()
        optimizer.step()
    return test_all(model, test_set)


def test_all(model, data):
    with torch.no_grad():
        return sum((predicted(model, x).argmax(1) == y).sum() for x, y in data)


def run_one_way(train_set, test_set):
    model = nn.Sequential(nn.Linear(20, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    one_way_for_all(model, torch.optim.SGD(model.parameters(), lr=0.1), train_set, test_set)
