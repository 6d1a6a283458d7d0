"""The coefficient is 0 unless somebody sets it: a note."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--l2", type=float, default=0.0)
args = parser.parse_args()

model = nn.Linear(20, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(100):
    x, y = torch.randn(16, 20), torch.randn(16, 1)
    l2 = sum(torch.norm(p) for p in model.parameters())  # want RGL103:note
    loss = nn.functional.mse_loss(model(x), y) + args.l2 * l2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
