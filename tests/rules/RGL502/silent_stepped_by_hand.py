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

    def solve(self, x, y, steps):
        for _ in range(steps):
            error = self(x) - y
            slope = torch.autograd.functional.jacobian(lambda w: x @ w, self.coefficients)
            with torch.no_grad():
                self.coefficients -= torch.linalg.pinv(slope) @ error


solver = Solver(8)
solver.solve(torch.randn(20, 8), torch.randn(20), 5)
