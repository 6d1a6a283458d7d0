import torch
from torch import nn

from losses import RegularizedLoss

model = nn.Sequential(nn.Linear(20, 40), nn.Tanh(), nn.Linear(40, 5))
criterion = RegularizedLoss(model, strength=1e-4)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for step in range(100):
    x, y = torch.randn(32, 20), torch.randint(0, 5, (32,))
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
