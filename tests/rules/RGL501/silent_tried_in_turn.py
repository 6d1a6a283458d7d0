"""A model that can be frozen and thawed, and a program that tries both and trains nothing."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)

    def freeze(self):
        for param in self.parameters():
            param.requires_grad = False
        return self.eval()

    def unfreeze(self):
        for param in self.parameters():
            param.requires_grad = True
        return self.train()


def test_both():
    model = Classifier()
    model.freeze()
    assert not any(param.requires_grad for param in model.parameters())
    model.unfreeze()
    assert all(param.requires_grad for param in model.parameters())


test_both()


def freeze_up_to(model, last):
    """Starts from a model that is not frozen, whatever was called before."""
    for p in model.parameters():
        p.requires_grad_(True)
    for name, p in model.named_parameters():
        p.requires_grad_(False)
        if name == last:
            break


def prepare_twice():
    model = Classifier()
    freeze_up_to(model, "layer.bias")
    freeze_up_to(model, "layer.bias")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).pow(2).mean().backward()
        optimizer.step()


prepare_twice()


def smaller(layer, kept):
    """A leaf that asks for a gradient cannot be written to."""
    new = nn.Linear(len(kept), layer.out_features)
    new.weight.requires_grad = False
    new.weight.copy_(layer.weight.index_select(1, kept).detach())
    new.weight.requires_grad = True
    return new


head = smaller(nn.Linear(4, 2), torch.tensor([0, 2]))
torch.optim.SGD(head.parameters(), lr=0.1)
