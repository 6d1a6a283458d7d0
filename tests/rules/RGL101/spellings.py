"""Ways to write an L2 penalty next to a weight_decay, one training function each."""
# quiet RGL102 -- the biases are decayed in all of these, which is not the point

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


def sum_of_squares(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        l2_norm = sum(p.pow(2.0).sum() for p in model.parameters())
        loss = loss + 1e-3 * l2_norm  # want RGL101 "0.0005"
        loss.backward()
        optimizer.step()


def loop_with_an_accumulator(loader):
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    l2_lambda = 0.001
    for images, labels in loader:
        output = model(images)
        l2_reg = torch.tensor(0.)
        for param in model.parameters():
            l2_reg += (param ** 2).sum()
        loss = criterion(output, labels)
        loss += l2_lambda * l2_reg  # want RGL101 "0.0001"
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def added_one_parameter_at_a_time(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        for w in model.parameters():
            loss = loss + 0.5 * 1e-3 * torch.sum(torch.square(w))  # want RGL101
        loss.backward()
        optimizer.step()


def squared_norm(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), 0.01, weight_decay=1e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        regularization = 0
        for param in model.parameters():
            regularization += torch.norm(param, 2) ** 2
        loss = F.cross_entropy(model(images), labels) + 1e-4 * regularization  # want RGL101
        loss.backward()
        optimizer.step()


def weights_only(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        reg = 0.0
        for name, param in model.named_parameters():
            if "bias" not in name:
                reg = reg + torch.sum(param.pow(2))
        total = loss + 1e-3 * reg  # want RGL101
        total.backward()
        optimizer.step()


def single_layers(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        data_loss = F.cross_entropy(model(images), labels)
        weight_loss = model.fc1.weight.pow(2).sum() + model.fc2.weight.pow(2).sum()
        (data_loss + 0.01 * weight_loss).backward()  # want RGL101
        optimizer.step()


def default_of_adamw(loader):
    model = Net()
    optimizer = optim.AdamW(model.parameters(), lr=1e-3)
    for images, labels in loader:
        optimizer.zero_grad()
        l2 = torch.stack([p.square().sum() for p in model.parameters()]).sum()
        loss = F.cross_entropy(model(images), labels) + 1e-4 * l2  # want RGL101 "0.01"
        loss.backward()
        optimizer.step()


def flattened_vector(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    for images, labels in loader:
        optimizer.zero_grad()
        flat = torch.cat([p.view(-1) for p in model.parameters()])
        loss = F.cross_entropy(model(images), labels) + 1e-4 * torch.dot(flat, flat)  # want RGL101
        loss.backward()
        optimizer.step()
