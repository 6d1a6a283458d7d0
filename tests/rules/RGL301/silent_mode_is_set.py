"""The mode is set, by whoever and however."""
# quiet RGL305 -- some evaluations here keep the graph, which costs memory only

import contextlib
import functools

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


def train_epoch(model, optimizer, loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def accuracy(model, loader):
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


def by_the_caller(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        train_epoch(model, optimizer, train_loader)
        model.eval()
        print(accuracy(model, val_loader))


def by_train_false(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        train_epoch(model, optimizer, train_loader)
        model.train(False)
        print(accuracy(model, val_loader))


def by_the_phase(loaders):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
            else:
                model.eval()
            for x, y in loaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    loss = F.cross_entropy(model(x), y)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()


def by_the_phase_in_one_call(loaders):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        for phase in ["train", "val"]:
            model.train(mode=phase == "train")
            for x, y in loaders[phase]:
                with torch.set_grad_enabled(phase == "train"):
                    loss = F.cross_entropy(model(x), y)
                if phase == "train":
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()


@contextlib.contextmanager
def evaluating(model):
    was_training = model.training
    model.eval()
    try:
        yield model
    finally:
        model.train(was_training)


def by_a_context_manager(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        train_epoch(model, optimizer, train_loader)
        with evaluating(model), torch.no_grad():
            for x, y in val_loader:
                print((model(x).argmax(1) == y).float().mean().item())


def eval_mode(function):
    @functools.wraps(function)
    def wrapper(model, *args):
        model.eval()
        result = function(model, *args)
        model.train()
        return result

    return wrapper


@eval_mode
def decorated_accuracy(model, loader):
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)


def by_a_decorator(train_loader, val_loader):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(10):
        train_epoch(model, optimizer, train_loader)
        print(decorated_accuracy(model, val_loader))


class Predictor:
    def __init__(self, path):
        self.model = Net()
        self.model.load_state_dict(torch.load(path))
        self.model.eval()

    def __call__(self, x):
        with torch.no_grad():
            return self.model(x).argmax(dim=1)


def by_the_constructor(path, x):
    return Predictor(path)(x)


def chained(path, x):
    model = Net()
    model.load_state_dict(torch.load(path))
    model = model.eval()
    with torch.no_grad():
        return model(x)


def restored_after_each_evaluation(loader, x_test):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters())
    for step, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        if step % 50 == 0:
            model.eval()
            print(model(x_test).argmax(1))
            model.train()
