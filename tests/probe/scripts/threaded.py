"""Training in a thread."""

import threading

import torch
from loop import ce, loader, make, squares


def train():
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
    for _ in range(1000):
        for x, y in loader():
            optimizer.zero_grad()
            (ce(model, x, y) + 1e-3 * squares(model)).backward()
            optimizer.step()


thread = threading.Thread(target=train)
thread.start()
thread.join()
