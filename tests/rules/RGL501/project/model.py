from torch import nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 40), nn.ReLU())

    def forward(self, x):
        return self.layers(x)
