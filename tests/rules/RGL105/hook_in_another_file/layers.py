import torch
from torch import nn


class Decayed(nn.Module):
    def __init__(self, layer, strength=1e-3):
        super().__init__()
        self.layer = layer
        self.strength = strength
        layer.register_full_backward_hook(self.decay)

    def decay(self, module, grad_input, grad_output):
        module.weight.grad = self.strength * module.weight.detach()  # want RGL105

    def forward(self, x):
        return self.layer(x)
