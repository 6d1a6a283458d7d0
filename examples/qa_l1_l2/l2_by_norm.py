"""L2 by `torch.norm`, as on the page: the norm is not squared. (`lambda`, a syntax error there, is called lam.)"""

import torch
from torch import nn

from network import make_batch, make_model

model = make_model()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = make_batch()

for step in range(100):
    loss = criterion(model(x), y)
    lam = torch.tensor(1.)
    l2_reg = torch.tensor(0.)
    for param in model.parameters():
        l2_reg += torch.norm(param)
    loss += lam * l2_reg
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"loss {loss.item():.4f}, sum of norms {l2_reg.item():.4f}")
