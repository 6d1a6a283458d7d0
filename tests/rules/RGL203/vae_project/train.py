import torch

from loss import elbo
from models import ConvVAE


class Experiment:
    def __init__(self, lr=1e-3):
        self.model = ConvVAE()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=lr)

    def step(self, batch):
        results = self.model(batch)
        losses = elbo(results[0], batch, results[1], results[2])
        self.optimizer.zero_grad()
        losses["loss"].backward()
        self.optimizer.step()
        return losses["loss"].item()


if __name__ == "__main__":
    experiment = Experiment()
    for _ in range(100):
        experiment.step(torch.rand(32, 1, 28, 28))
