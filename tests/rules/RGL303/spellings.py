"""eval() that nothing undoes before the next epoch trains."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.bn = nn.BatchNorm1d(40)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.bn(self.fc1(x)))))


def train_once_before_the_loop(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    model.train()
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()  # want RGL303
        with torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y).item())


def never_train(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()  # want RGL303
        with torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y).item())


def evaluate(model, loader):
    model.eval()  # want RGL303
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


def through_a_function(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        for step, (x, y) in enumerate(train_loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        print(evaluate(model, val_loader))


def in_the_middle_of_an_epoch(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        model.train()
        for step, (x, y) in enumerate(train_loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            if step % 100 == 0:
                model.eval()  # want RGL303
                with torch.no_grad():
                    for a, b in val_loader:
                        print(F.cross_entropy(model(a), b).item())


class Alternating:
    """Each of two networks has its optimizer; the guide is trained in every epoch, and in evaluation mode from the second on."""

    def __init__(self):
        self.guide = nn.Sequential(nn.Linear(20, 2), nn.BatchNorm1d(2))
        self.model = Net()
        self.step_guide = torch.optim.SGD(self.guide.parameters(), lr=0.1)
        self.step_model = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def pass_over(self, loader):
        for x, y in loader:
            self.step_guide.zero_grad()
            F.cross_entropy(self.guide(x), y).backward()
            self.step_guide.step()
        self.guide.eval()  # want RGL303
        for x, _ in loader:
            self.step_model.zero_grad()
            F.cross_entropy(self.model(x), self.guide(x).argmax(1)).backward()
            self.step_model.step()


def alternating(loader):
    both = Alternating()
    for epoch in range(10):
        both.pass_over(loader)
