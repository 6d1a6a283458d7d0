"""AdamW takes the same share of every weight, whatever its gradients."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x[:, 0] = 0  # a feature that this batch lacks: nothing but decay moves its weights

model = nn.Sequential(nn.Linear(20, 50, bias=False), nn.Tanh(), nn.Linear(50, 1, bias=False))
criterion = nn.MSELoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
before = model[0].weight.detach().clone()

loss = criterion(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()

moved = (model[0].weight.detach() - before).abs().mean(dim=0)
print(f"idle weights, of mean size {before[:, 0].abs().mean():.3f}, move by {moved[0]:.1e}")
print(f"busy weights, of mean size {before[:, 1:].abs().mean():.3f}, move by {moved[1:].mean():.1e}")
