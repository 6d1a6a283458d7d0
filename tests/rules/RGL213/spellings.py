"""Curves that cannot be compared, and those that can."""

import torch
from torch import nn
from torch.nn import functional as F


def mixed(train_loader, val_loader, writer):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in train_loader:
            loss = F.cross_entropy(model(x), y) + 0.01 * model.weight.abs().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        writer.add_scalar("loss/train", loss.item(), epoch)  # want RGL213:note
        with torch.no_grad():
            for x, y in val_loader:
                val_loss = F.cross_entropy(model(x), y)
        writer.add_scalar("loss/val", val_loss.item(), epoch)


def data_loss_in_both(train_loader, val_loader, writer):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in train_loader:
            data_loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            (data_loss + 0.01 * model.weight.abs().sum()).backward()
            optimizer.step()
        writer.add_scalar("loss/train", data_loss.item(), epoch)
        with torch.no_grad():
            for x, y in val_loader:
                val_loss = F.cross_entropy(model(x), y)
        writer.add_scalar("loss/val", val_loss.item(), epoch)


def no_validation(train_loader, writer):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step, (x, y) in enumerate(train_loader):
        loss = F.cross_entropy(model(x), y) + 0.01 * model.weight.abs().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        writer.add_scalar("loss/train", loss.item(), step)
