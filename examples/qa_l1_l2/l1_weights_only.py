"""L1 over what is called weight, with the useless leaf and the coefficient of the page."""

import torch
from torch import nn

from network import make_batch, make_model

model = make_model()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = make_batch()

for step in range(100):
    L1_reg = torch.tensor(0., requires_grad=True)
    for name, param in model.named_parameters():
        if 'weight' in name:
            L1_reg = L1_reg + torch.norm(param, 1)

    total_loss = criterion(model(x), y)
    total_loss = total_loss + 10e-4 * L1_reg
    optimizer.zero_grad()
    total_loss.backward()
    optimizer.step()

print(f"total loss {total_loss.item():.4f}, L1 norm {L1_reg.item():.2f}")
