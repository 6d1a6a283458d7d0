"""Two ranks with DistributedDataParallel over gloo."""

import os

import torch
import torch.distributed as dist
from loop import ce, make, squares

dist.init_process_group("gloo")
torch.manual_seed(dist.get_rank())
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
model = torch.nn.parallel.DistributedDataParallel(make())
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.02)
for _ in range(1000):
    optimizer.zero_grad()
    (ce(model, x, y) + 1e-3 * squares(model)).backward()
    optimizer.step()
    print("rank", os.environ["RANK"])
