"""A zero gradient is not no gradient: momentum and decay go on moving the head that is not used."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 2, (64,))
first, second = nn.Linear(20, 2, bias=False), nn.Linear(20, 2, bias=False)
optimizer = torch.optim.SGD([first.weight, second.weight], lr=0.1, momentum=0.9)

for step in range(2):
    before = first.weight.detach().clone()
    optimizer.zero_grad(set_to_none=False)
    head = first if step == 0 else second
    F.cross_entropy(head(x), y).backward()
    optimizer.step()
    print(f"step {step}: the first head moved by {(first.weight.detach() - before).norm():.4f}")
