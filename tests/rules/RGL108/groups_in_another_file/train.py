import torch
from torch import nn

from optim_factory import param_groups


class Trainer:
    def __init__(self, model, lr=3e-4, weight_decay=0.1):
        self.model = model
        self.optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))

    def fit(self, steps):
        for _ in range(steps):
            x, y = torch.randn(16, 20), torch.randint(0, 2, (16,))
            loss = nn.functional.cross_entropy(self.model(x), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()


if __name__ == "__main__":
    Trainer(nn.Sequential(nn.Linear(20, 40), nn.LayerNorm(40), nn.GELU(), nn.Linear(40, 2))).fit(100)
