"""Divided here and once more by the framework."""

import torch
from accelerate import Accelerator
from torch import nn
from torch.nn import functional as F


def accelerate(loader, accumulation_steps=4):
    accelerator = Accelerator(gradient_accumulation_steps=accumulation_steps)
    model = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for x, y in loader:
        with accelerator.accumulate(model):
            loss = F.cross_entropy(model(x), y)
            loss = loss / accumulation_steps
            accelerator.backward(loss)  # want RGL209:warning "4"
            optimizer.step()
            optimizer.zero_grad()
