"""Training in a process of its own, forked or spawned."""

import sys

import torch
import torch.multiprocessing as mp
from loop import ce, loader, make, squares


def train(rank):
    torch.set_num_threads(1)
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
    for _ in range(1000):
        for x, y in loader():
            optimizer.zero_grad()
            (ce(model, x, y) + 1e-3 * squares(model)).backward()
            optimizer.step()


if __name__ == "__main__":
    torch.set_num_threads(1)
    process = mp.get_context(sys.argv[1]).Process(target=train, args=(0,))
    process.start()
    process.join()
