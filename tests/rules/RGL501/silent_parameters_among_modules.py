"""A list of modules and parameters: only the parameters get the attribute."""

from torch import nn


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(nn.Linear(1, 4).weight)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def lock(self):
        for part in (self.scale, self.body):
            if isinstance(part, nn.Parameter):
                part.requires_grad = False
            else:
                for p in part.parameters():
                    p.requires_grad = False


Tower().lock()
