"""A parameter that stands twice, and those that only look so."""

import torch
from torch import nn

model = nn.Linear(20, 2, bias=False)
other = nn.Linear(20, 2, bias=False)
torch.optim.SGD(list(model.parameters()) + [model.weight], lr=0.1)  # want RGL113
torch.optim.SGD([model.weight, other.weight, model.weight], lr=0.1)  # want RGL113

torch.optim.SGD([model.weight, other.weight], lr=0.1)
torch.optim.SGD([*model.parameters(), *other.parameters()], lr=0.1)
torch.optim.SGD(model.parameters(), lr=0.1)


class Pair:
    """One list or a longer one, by an option: each model is in it once."""

    def __init__(self, options):
        self.coarse = nn.Linear(3, 3)
        self.models = [self.coarse]
        if options.fine > 0:
            self.fine = nn.Linear(3, 3)
            self.models += [self.fine]

    def optimizer(self):
        parameters = []
        for one in self.models:
            parameters += list(one.parameters())
        return torch.optim.SGD(parameters, lr=0.1)


def build(options):
    return Pair(options).optimizer()


def one_per_name(names):
    """One model stands for all those of the list, of which nobody knows how many there are."""
    models = [nn.Linear(3, 3) for _ in names]
    parameters = []
    for one in models:
        parameters += list(one.parameters())
    return torch.optim.SGD(parameters, lr=0.1)


def one_per_key(names):
    models = {name: nn.Linear(3, 3) for name in names}
    parameters = []
    for _, one in models.items():
        parameters.extend(one.parameters())
    return torch.optim.SGD(parameters, lr=0.1)
