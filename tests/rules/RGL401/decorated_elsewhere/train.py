import torch
from marks import at_least
from torch import nn


class Trainer:
    def __init__(self, version):
        self.version = version
        self.model = nn.Linear(2, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    @at_least(3)
    def fit(self):
        for _ in range(9):
            loss = self.model(torch.randn(4, 2)).pow(2).mean()
            loss.backward()  # want RGL401
            self.optimizer.step()
