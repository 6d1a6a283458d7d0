"""The model has no layer that depends on the mode, or its rate is 0."""
# quiet RGL305 -- one prediction here keeps the graph, which costs memory only

import torch
from torch import nn
from torch.nn import functional as F

from somewhere import load_model


class Plain(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.norm = nn.LayerNorm(40)
        self.drop = nn.Dropout(dropout)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(self.drop(F.gelu(self.norm(self.fc1(x)))))


def fit(model, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def layer_norm_only(loader, x_test):
    model = Plain()
    fit(model, loader)
    with torch.no_grad():
        print(model(x_test).argmax(1))


def statistics_of_the_batch_on_purpose(loader, x_test):
    model = nn.Sequential(nn.Linear(20, 40), nn.InstanceNorm1d(40), nn.ReLU(), nn.Linear(40, 2))
    fit(model, loader)
    print(model(x_test).argmax(1))


def a_model_that_is_not_resolved(loader, x_test):
    model = load_model("best.pt")
    fit(model, loader)
    with torch.no_grad():
        print(model(x_test).argmax(1))
