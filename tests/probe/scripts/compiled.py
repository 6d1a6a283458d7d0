"""A compiled model and a compiled loss."""

import torch
from loop import ce, loader, make, squares

model = make()
compiled = torch.compile(model)
loss_of = torch.compile(lambda x, y: ce(compiled, x, y) + 1e-3 * squares(model))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
for _ in range(100):
    for x, y in loader():
        optimizer.zero_grad()
        loss_of(x, y).backward()
        optimizer.step()
