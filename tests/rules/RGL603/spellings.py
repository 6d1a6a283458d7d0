"""`.data` while a model is trained, and where it is harmless or something else."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 2)
        self.init_weights()

    def init_weights(self):
        self.fc.weight.data.uniform_(-0.1, 0.1)
        self.fc.bias.data.zero_()

    def forward(self, x):
        return self.fc(x)


def make():
    model = Net()
    for p in model.parameters():
        p.data.clamp_(-1, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def clipped_weights(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        for p in model.parameters():
            p.data.clamp_(-1, 1)  # want RGL603 "hidden from autograd"


def assigned(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        model.fc.weight.data = torch.clamp(model.fc.weight, -1, 1)  # want RGL603


def under_no_grad(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            for p in model.parameters():
                p.clamp_(-1, 1)


def losses_added_up(loader):
    model, optimizer = make()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.data  # want RGL603 "cuts the graph"
    return total


def of_other_objects(loader, request):
    rnn, head = nn.LSTM(20, 20), nn.Linear(20, 2)
    optimizer = torch.optim.SGD([*rnn.parameters(), *head.parameters()], lr=0.1)
    for batch, lengths, y in loader:
        optimizer.zero_grad()
        out, _ = rnn(pack_padded_sequence(batch.data, lengths))
        F.cross_entropy(head(out.data), y).backward()
        optimizer.step()
    return request.data
