"""Trains with dropout and random numbers of three kinds, then prints everything there is, byte for byte."""

import hashlib
import pickle
import random
import sys

import torch
from loop import ce, loader
from torch import nn

OPTIMIZERS = {
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "Adafactor": lambda p: torch.optim.Adafactor(p, lr=0.01),
    "LBFGS": lambda p: torch.optim.LBFGS(p, lr=0.1, max_iter=3),
    "noisy": lambda p: torch.optim.SGD(p, lr=0.05),
}


def run(kind, path):
    torch.manual_seed(1)
    random.seed(2)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    optimizer = OPTIMIZERS[kind](model.parameters())
    calls, losses = [], []
    model[0].weight.register_hook(lambda g: calls.append("hook"))
    optimizer.register_step_pre_hook(lambda *_: calls.append("pre"))
    for _ in range(2):
        for x, y in loader(shuffle=True, num_workers=1 if kind == "nesterov" else 0):

            def closure(x=x, y=y):
                optimizer.zero_grad()
                loss = ce(model, x, y)
                if kind == "AdamW":
                    loss = loss + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())
                loss.backward()
                if kind == "noisy":
                    for p in model.parameters():
                        p.grad += 1e-3 * random.random() * torch.randn_like(p)
                return loss

            if kind == "LBFGS":
                losses.append(optimizer.step(closure).item())
            else:
                losses.append(closure().item())
                optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    with open(path, "rb") as file:
        saved = hashlib.sha256(file.read()).hexdigest()
    attributes = sorted(k for p in model.parameters() for k in vars(p))
    patched = [f.__qualname__ for f in (nn.Module.__call__, torch.autograd.backward, torch.optim.Optimizer.__init__)]
    return [losses, saved, torch.rand(2).tolist(), random.random(), calls, attributes, patched]


for name in sys.argv[2:]:
    print(pickle.dumps(run(name, sys.argv[1])).hex())
