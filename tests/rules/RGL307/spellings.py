"""Dropout between layers of a network that has one, and of those that have more."""

from torch import nn

nn.LSTM(10, 20, dropout=0.5)  # want RGL307:note "0.5"
nn.GRU(10, 20, num_layers=1, dropout=0.3, batch_first=True)  # want RGL307:note "0.3"
nn.RNN(10, 20, 1, dropout=0.2)  # want RGL307:note "0.2"

nn.LSTM(10, 20, num_layers=2, dropout=0.5)
nn.GRU(10, 20, 3, dropout=0.5)
nn.LSTM(10, 20, dropout=0.0)


def unknown(layers):
    return nn.LSTM(10, 20, num_layers=layers, dropout=0.5)


def guarded(layers=1, dropout=0.5):
    return nn.LSTM(10, 20, num_layers=layers, dropout=dropout if layers > 1 else 0.0)
