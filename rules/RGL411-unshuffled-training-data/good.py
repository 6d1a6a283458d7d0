"""`shuffle=True`: every batch has all classes."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
dataset = TensorDataset(torch.randn(256, 20), torch.arange(256) // 64)
loader = DataLoader(dataset, batch_size=64, shuffle=True)
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for x, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    print(f"classes in the batch: {sorted(set(y.tolist()))}")
