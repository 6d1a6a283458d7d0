import torch

from net import build
from solver import Solver

solver = Solver(build())
for _ in range(10):
    solver.step(torch.randn(8, 3, 4, 4), torch.randint(0, 10, (8,)))
