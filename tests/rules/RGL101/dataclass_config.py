"""Both coefficients are fields of a dataclass; the trainer keeps everything in attributes."""
# quiet RGL102 -- the biases are decayed, which is not the point

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    lr: float = 0.05
    weight_decay: float = 1e-4
    l2_weight: float = 1e-3
    steps: int = 200


class Trainer:
    def __init__(self, config: Config):
        self.config = config
        self.model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.criterion = nn.MSELoss()

    def regularization(self):
        return torch.stack([(w * w).sum() for w in self.model.parameters()]).sum()

    def train_step(self, x, y):
        prediction = self.model(x)
        loss = self.criterion(prediction, y)
        loss = loss + self.config.l2_weight * self.regularization()  # want RGL101 "0.001"
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


if __name__ == "__main__":
    trainer = Trainer(Config())
    for _ in range(trainer.config.steps):
        trainer.train_step(torch.randn(16, 8), torch.randn(16, 1))
