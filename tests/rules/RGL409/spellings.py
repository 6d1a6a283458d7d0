"""Losses that are cut off from the model, and detached values that are meant to be."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
from torch import nn
from torch.autograd import Variable
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 2)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def a_new_tensor(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss = torch.tensor(loss, requires_grad=True)  # want RGL409:error
        loss.backward()
        optimizer.step()


def switched_on(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        predictions = model(x).argmax(dim=1).float()
        loss = F.mse_loss(predictions, y.float())
        loss.requires_grad_()  # want RGL409:error
        loss.backward()
        optimizer.step()


def wrapped(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss = Variable(loss.data, requires_grad=True)  # want RGL409:error RGL601
        loss.backward()
        optimizer.step()


def target_of_a_value_function(transitions):
    value, optimizer = nn.Linear(20, 1), None
    optimizer = torch.optim.SGD(value.parameters(), lr=0.1)
    for state, reward, following in transitions:
        optimizer.zero_grad()
        target = reward + 0.99 * value(following).detach()
        F.mse_loss(value(state), target).backward()
        optimizer.step()


def straight_through(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        soft = model(x).softmax(dim=1)
        hard = F.one_hot(soft.argmax(dim=1), 2).float()
        F.mse_loss(hard + soft - soft.detach(), y).backward()
        optimizer.step()


def saliency(x, y):
    model, _ = make()
    x.requires_grad_()
    F.cross_entropy(model(x), y).backward()
    return x.grad.abs()
