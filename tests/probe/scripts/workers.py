"""DataLoader workers, forked or spawned, that stay between epochs."""

import sys

import torch
from loop import ce, loader, make

if __name__ == "__main__":
    model = make()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(1000):
        for x, y in loader(num_workers=1, multiprocessing_context=sys.argv[1], persistent_workers=True):
            optimizer.zero_grad()
            ce(model, x, y).backward()
            optimizer.step()
