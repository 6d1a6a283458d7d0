"""Settings of a class that stands beside the model, and those of which nothing is known."""

from dataclasses import dataclass

from torch import nn


class Config:
    def __init__(self, dataset):
        self.path = dataset + "/train.txt"
        self.dropout = 0.5
        self.width = 64
        self.layers = 1
        self.deep_layers = 2


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.lstm = nn.LSTM(64, config.width, config.layers, dropout=config.dropout)  # want RGL307
        self.deep = nn.LSTM(64, config.width, config.deep_layers, dropout=config.dropout)

    def forward(self, x):
        return self.deep(self.lstm(x)[0])[0]


@dataclass
class Small:
    layers: int = 1
    dropout: float = 0.1


class Annotated(nn.Module):
    def __init__(self, options: Small):
        super().__init__()
        self.gru = nn.GRU(64, 64, options.layers, dropout=options.dropout)  # want RGL307

    def forward(self, x):
        return self.gru(x)[0]


class Other(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.gru = nn.GRU(64, 64, options.layers, dropout=options.dropout)

    def forward(self, x):
        return self.gru(x)[0]


class Model:
    """No settings: it does something."""

    def __init__(self):
        self.layers = 1
        self.dropout = 0.5

    def run(self):
        return self.layers


class OfAModel(nn.Module):
    def __init__(self, model: Model):
        super().__init__()
        self.gru = nn.GRU(64, 64, model.layers, dropout=model.dropout)

    def forward(self, x):
        return self.gru(x)[0]
