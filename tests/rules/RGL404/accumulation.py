"""`unscale_` on every micro-step: the second call raises, or divides what was divided."""

import torch
from torch import nn
from torch.nn import functional as F

model = nn.Linear(20, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cuda")
accumulate = 4
optimizer.zero_grad()
for i in range(100):
    x, y = torch.randn(8, 20), torch.randint(0, 2, (8,))
    with torch.autocast("cuda"):
        loss = F.cross_entropy(model(x), y) / accumulate
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)  # want RGL404:error
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if (i + 1) % accumulate == 0:
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
