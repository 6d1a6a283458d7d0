"""AdamW with a strong decay over every parameter pulls the gains of the LayerNorms to zero too."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(32, 16), torch.randint(0, 4, (32,))
model = nn.Sequential(nn.Linear(16, 64), nn.LayerNorm(64), nn.GELU(), nn.Linear(64, 4))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)

loss = nn.functional.cross_entropy(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()

# The first step of AdamW is lr * (sign of the gradient + decay * w); the gains began at 1.
norm = model[1]
pull = (1 - norm.weight) / 1e-3 - norm.weight.grad.sign()
print(f"decay of the LayerNorm gains: {pull.mean():.2f}")
