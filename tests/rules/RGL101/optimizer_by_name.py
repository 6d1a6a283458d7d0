"""The optimizer comes out of a table of classes or out of getattr; the penalty comes from a helper."""
# quiet RGL102 -- the biases are decayed, which is not the point
# quiet RGL107 -- one entry of the table is Adam; coupled decay is another rule's matter

import torch
from torch import nn
from torch import optim

OPTIMIZERS = {"sgd": optim.SGD, "adam": optim.Adam}


def l2_penalty(model):
    """Half the squared norm of all parameters."""
    return 0.5 * sum((p ** 2).sum() for p in model.parameters())


def train_with_a_table(batches, name="sgd"):
    net = nn.Linear(10, 1)
    optimizer = OPTIMIZERS[name](net.parameters(), lr=0.01, weight_decay=1e-3)
    for x, y in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss = loss + 1e-2 * l2_penalty(net)  # want RGL101 "0.001"
        loss.backward()
        optimizer.step()


def train_with_getattr(batches, name="SGD"):
    net = nn.Linear(10, 1)
    optimizer = getattr(torch.optim, name)(net.parameters(), lr=0.01, weight_decay=1e-3)
    for x, y in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y) + 1e-2 * l2_penalty(net)  # want RGL101 "0.001"
        loss.backward()
        optimizer.step()
