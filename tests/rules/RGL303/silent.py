"""The mode comes back, does not matter, or stays off on purpose."""

import contextlib

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


def train(model, optimizer, loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def test(model, loader):
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            print(F.cross_entropy(model(x), y).item())


def standard_form(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        train(model, optimizer, train_loader)
        test(model, val_loader)


def restored_at_the_end(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y).item())
        model.train()


def restored_from_what_it_was(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())

    def validate():
        was_training = model.training
        model.eval()
        with torch.no_grad():
            result = sum(F.cross_entropy(model(x), y).item() for x, y in val_loader)
        if was_training:
            model.train()
        return result

    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        print(validate())


@contextlib.contextmanager
def eval_mode(model):
    model.eval()
    try:
        yield
    finally:
        model.train()


def by_a_context_manager(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        with eval_mode(model), torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y).item())


def nothing_depends_on_the_mode(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(20, 40), nn.LayerNorm(40), nn.ReLU(), nn.Linear(40, 2))
    optimizer = torch.optim.Adam(model.parameters())
    model.train()
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y).item())


def stops_after_the_evaluation(train_loader, val_loader, target):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for step, (x, y) in enumerate(train_loader):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if step == 1000:
            model.eval()
            with torch.no_grad():
                print(sum(F.cross_entropy(model(a), b).item() for a, b in val_loader))
            break


def evaluated_once_after_training(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    model.train()
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        for x, y in val_loader:
            print(F.cross_entropy(model(x), y).item())


class FrozenBatchNorm(nn.Module):
    """Fine-tuning with batch statistics kept as they are: eval() stays on for them, on purpose."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 40)
        self.bn = nn.BatchNorm1d(40)
        self.out = nn.Linear(40, 2)

    def train(self, mode=True):
        super().train(mode)
        self.bn.eval()
        return self

    def forward(self, x):
        return self.out(F.relu(self.bn(self.fc(x))))


def frozen_batch_norm(train_loader, val_loader):
    model = FrozenBatchNorm()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        test(model, val_loader)


def a_teacher_stays_in_evaluation(loader):
    student, teacher = Net(), Net()
    teacher.eval()
    optimizer = torch.optim.Adam(student.parameters())
    for epoch in range(10):
        student.train()
        for x, y in loader:
            with torch.no_grad():
                target = teacher(x).softmax(dim=1)
            optimizer.zero_grad()
            F.cross_entropy(student(x), target).backward()
            optimizer.step()


def two_plots_while_training(x, y, test_x):
    """As on a page about dropout: evaluation every fifty steps, and both calls are there."""
    net = nn.Sequential(nn.Linear(1, 300), nn.Dropout(0.5), nn.ReLU(), nn.Linear(300, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(500):
        loss = F.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 50 == 0:
            net.eval()
            with torch.no_grad():
                print(net(test_x).mean().item())
            net.train()


def epochs_of(model, optimizer, epochs, loader, test_x, frozen=False):
    for epoch in range(epochs):
        model.train()
        if frozen:
            for module in model.modules():
                if isinstance(module, nn.BatchNorm1d):
                    module.eval()
        for x, y in loader:
            optimizer.zero_grad()
            F.mse_loss(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print(model(test_x).mean().item())


def twice_with_other_options(tasks, test_x):
    """The second call keeps the statistics as they are: its own choice, nothing that the first one has lost."""
    model = nn.Sequential(nn.Linear(1, 30), nn.BatchNorm1d(30), nn.ReLU(), nn.Linear(30, 1))
    for loader in tasks:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        epochs_of(model, optimizer, 90, loader, test_x)
        epochs_of(model, optimizer, 10, loader, test_x, frozen=True)
