"""bf16 autocast, GradScaler, unscale, clip, decoupled decay and a penalty."""

import sys

import torch
from loop import ce, loader, make, squares

device = sys.argv[1]
model = make().to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
scaler = torch.amp.GradScaler(device, init_scale=256.0)
for _ in range(100):
    for x, y in loader():
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16):
            loss = ce(model, x.to(device), y.to(device))
        loss = loss + 1e-3 * squares(model)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        scaler.step(optimizer)
        scaler.update()
