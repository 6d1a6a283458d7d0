"""A tensor that the class itself moves needs no optimizer to find it."""

import torch
from torch import nn


class Solver(nn.Module):
    """Newton's method on its own coefficients."""

    def __init__(self, size):
        super().__init__()
        self.coefficients = torch.ones(size, requires_grad=True)

    def forward(self, x):
        return x @ self.coefficients

    def solve(self, x, y, error_wanted):
        error = self(x) - y
        while error.norm() > error_wanted:
            slope = torch.autograd.functional.jacobian(lambda w: x @ w, self.coefficients)
            with torch.no_grad():
                self.coefficients -= torch.linalg.pinv(slope) @ error
            error = self(x) - y


def beside_a_network(loader):
    """What the solver gives is an input of a network that is trained."""
    solver, network = Solver(8), nn.Linear(1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(network(solver(x)), y).backward()
        optimizer.step()
