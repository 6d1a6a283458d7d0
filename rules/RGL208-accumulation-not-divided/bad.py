"""Four micro-batches are accumulated and their losses are not divided by four: the step is four times as long."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
batches = [(torch.randn(16, 20), torch.randint(0, 4, (16,))) for _ in range(4)]
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
accumulation_steps = 4
before = model.weight.detach().clone()

optimizer.zero_grad()
for i, (x, y) in enumerate(batches):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    if (i + 1) % accumulation_steps == 0:
        optimizer.step()
        optimizer.zero_grad()
print(f"length of the step: {(model.weight.detach() - before).norm():.4f}")
