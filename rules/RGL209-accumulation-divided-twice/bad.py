"""The loss is divided by the number of micro-batches here, and once more by accelerate."""

import torch
from torch import nn
from torch.nn import functional as F

try:
    from accelerate import Accelerator
except ImportError:

    class Accelerator:
        """What accelerate does with a loss, for those who have not installed it."""

        def __init__(self, gradient_accumulation_steps=1):
            self.gradient_accumulation_steps = gradient_accumulation_steps

        def backward(self, loss):
            (loss / self.gradient_accumulation_steps).backward()


torch.manual_seed(0)
batches = [(torch.randn(16, 20), torch.randint(0, 4, (16,))) for _ in range(4)]
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
accelerator = Accelerator(gradient_accumulation_steps=4)
before = model.weight.detach().clone()

optimizer.zero_grad()
for x, y in batches:
    loss = F.cross_entropy(model(x), y) / 4
    accelerator.backward(loss)
optimizer.step()
print(f"length of the step: {(model.weight.detach() - before).norm():.4f}")
