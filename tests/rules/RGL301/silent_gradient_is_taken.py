"""What a gradient is taken of is trained on, whatever the function is called that computes it."""

import torch
from torch import nn


def predict(model, x, y=None, loss=None):
    scores = model(x)
    value = loss(scores, y) if y is not None else None
    return scores.softmax(1), value


def fit(model, optimizer, loss, loader):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        _, value = predict(model, x, y, loss)
        value.backward()
        optimizer.step()


def evaluate(model, loss, loader):
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            print(predict(model, x, y, loss))


def main(train, test):
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        fit(model, optimizer, nn.CrossEntropyLoss(), train)
        evaluate(model, nn.CrossEntropyLoss(), test)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.fc(self.dropout(x))


def at_the_moved_weights(model, loader, rate):
    """The gradient at the weights that a first step leads to."""
    for x, y in loader:
        kept = model.state_dict()
        first = torch.autograd.grad(nn.functional.mse_loss(model(x), y), tuple(model.parameters()))
        model.load_state_dict({name: value - rate * g for (name, value), g in zip(kept.items(), first)})
        predictions = model(x)
        print(torch.autograd.grad(nn.functional.mse_loss(predictions, y), tuple(model.parameters())))


def meta(loader):
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    at_the_moved_weights(model, loader, 0.01)


class Adversaries:
    """What the critic predicts goes into a table of losses, which are differentiated by name, and shown."""

    def __init__(self, rounds):
        critic = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
        self.networks = {"maker": nn.Linear(4, 8), "critic": critic}
        self.optimizers = {name: torch.optim.Adam(network.parameters()) for name, network in self.networks.items()}
        self.rounds = rounds
        self.losses = {}

    def predict(self, x):
        return self.networks["critic"](x).mean()

    def compute(self, real, who=None):
        fake = self.networks["maker"](torch.randn(len(real), 4))
        if who in ("maker", None):
            self.losses["maker"] = -self.predict(fake)
        if who in ("critic", None):
            self.losses.update({"critic": self.predict(fake.detach()) - self.predict(real)})

    def fit(self, loader):
        for network in self.networks.values():
            network.train()
        for step, real in enumerate(loader):
            for name in self.networks:
                for _ in range(self.rounds):
                    self.losses = {}
                    self.compute(real, name)
                    self.optimizers[name].zero_grad()
                    self.losses[name].backward()
                    self.optimizers[name].step()
            if step % 100 == 0:
                self.compute(real)
                print({name: loss.item() for name, loss in self.losses.items()})


def adversaries(loader):
    Adversaries(rounds=2).fit(loader)
