"""Softmax regression by hand: sum loss, gradient divided by the batch size, decay on w only."""

import torch
from loop import loader

torch.manual_seed(0)
w = torch.randn(4, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
rate, batch_size, decay = 0.03, 16, 0.5
for _ in range(100):
    for x, y in loader(batch_size=batch_size):
        loss = torch.nn.functional.cross_entropy(x @ w + b, y, reduction="sum") + decay * (w**2).sum() / 2
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= rate * p.grad / batch_size
                p.grad.zero_()
