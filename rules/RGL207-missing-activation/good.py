"""NLLLoss gets log-probabilities."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 10, (64,))
model = nn.Linear(20, 10)
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

loss = criterion(F.log_softmax(model(x), dim=1), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"loss {loss.item():.4f}")
