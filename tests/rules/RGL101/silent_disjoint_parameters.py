"""Penalty and decay are over different parameters."""
# quiet RGL102 -- the biases are decayed in some of these, which is not the point
# quiet RGL112 -- the strength of the penalty may be said

import torch
from torch import nn
from torch.nn import functional as F


class TwoParts(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Linear(20, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        return self.head(torch.relu(self.backbone(x)))


def penalty_on_the_head_decay_on_the_backbone(batches):
    model = TwoParts()
    optimizer = torch.optim.SGD(
        [
            {"params": model.backbone.parameters(), "weight_decay": 1e-4},
            {"params": model.head.parameters(), "weight_decay": 0.0},
        ],
        lr=0.01,
    )
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + 1e-3 * model.head.weight.pow(2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def two_models_two_optimizers(batches):
    generator, critic = nn.Linear(8, 20), nn.Linear(20, 1)
    opt_g = torch.optim.SGD(generator.parameters(), lr=0.01)
    opt_c = torch.optim.SGD(critic.parameters(), lr=0.01, weight_decay=1e-4)
    for real in batches:
        fake = generator(torch.randn(len(real), 8))
        loss_c = critic(fake.detach()).mean() - critic(real).mean()
        opt_c.zero_grad()
        loss_c.backward()
        opt_c.step()

        loss_g = -critic(fake).mean() + 1e-3 * generator.weight.pow(2).sum()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
