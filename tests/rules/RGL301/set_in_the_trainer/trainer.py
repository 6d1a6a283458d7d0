import torch
import torch.nn.functional as F

from base_trainer import BaseTrainer


class Trainer(BaseTrainer):
    def train_epoch(self, loader):
        for x, y in loader:
            self.optimizer.zero_grad()
            F.cross_entropy(self.model(x), y).backward()
            self.optimizer.step()

    def validate(self, loader):
        with torch.no_grad():
            for x, y in loader:
                print((self.model(x).argmax(1) == y).float().mean().item())
