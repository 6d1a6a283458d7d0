import torch

from network import build_network
from trainer import Trainer

data = [(torch.randn(16, 20), torch.randint(0, 2, (16,))) for _ in range(10)]
Trainer(build_network(), lr=1e-3).fit(data, data, epochs=5)
