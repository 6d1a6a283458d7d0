# quiet RGL102 -- the decay is not the point here
"""A pretrained model ends in the head that was put in."""

from collections import OrderedDict

from torch import nn, optim
from torchvision import models


def fit(model, loader, loss_func):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss_func(model(x), y).backward()  # want RGL206 "C=5"
        optimizer.step()


def log_probabilities(loader):
    model = models.densenet121(weights="DEFAULT")
    for p in model.parameters():
        p.requires_grad = False
    model.classifier = nn.Sequential(nn.Linear(1024, 5), nn.LogSoftmax(dim=1))
    fit(model, loader, nn.NLLLoss())


def one_of_two(loader, name):
    model = models.vgg16(weights="DEFAULT") if name == "vgg" else models.alexnet(weights="DEFAULT")
    head = nn.Sequential(
        OrderedDict([("hidden", nn.Linear(9216, 64)), ("act", nn.ReLU()), ("out", nn.Linear(64, 5)), ("log", nn.LogSoftmax(1))])
    )
    model.classifier = head
    optimizer = optim.SGD(model.classifier.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.nll_loss(model(x), y).backward()
        optimizer.step()


def changed_inside(loader):
    model = models.vgg16(weights="DEFAULT")
    model.classifier[6] = nn.Sequential(nn.Linear(4096, 5), nn.LogSoftmax(dim=1))
    optimizer = optim.SGD(model.classifier.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.nll_loss(model(x), y).backward()
        optimizer.step()


def probabilities(loader):
    model = models.resnet18(weights="DEFAULT")
    model.fc = nn.Sequential(nn.Linear(model.fc.in_features, 5), nn.Softmax(dim=1))
    fit(model, loader, nn.CrossEntropyLoss())


def logits(loader):
    model = models.resnet18(weights="DEFAULT")
    model.fc = nn.Linear(model.fc.in_features, 5)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.nll_loss(model(x), y).backward()  # want RGL207 "logits"
        optimizer.step()


def under_a_name_that_forward_does_not_know(loader):
    model = models.resnet18(weights="DEFAULT")
    model.classifier = nn.Sequential(nn.Linear(512, 5), nn.LogSoftmax(dim=1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.nll_loss(model(x), y).backward()  # want RGL207 "logits"
        optimizer.step()
