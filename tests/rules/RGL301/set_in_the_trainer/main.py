import torch
from torch import nn

from trainer import Trainer

model = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Dropout(0.3), nn.Linear(40, 2))
trainer = Trainer(model, torch.optim.Adam(model.parameters(), lr=1e-3))
data = [(torch.randn(16, 20), torch.randint(0, 2, (16,))) for _ in range(10)]
trainer.run(3, data, data)
