"""Nothing is recorded under no_grad()."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randint(0, 4, (64,))
x_val, y_val = torch.randn(64, 20), torch.randint(0, 4, (64,))
model = nn.Linear(20, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

optimizer.zero_grad()
F.cross_entropy(model(x), y).backward()
optimizer.step()

model.eval()
with torch.no_grad():
    output = model(x_val)
print(f"validation loss {F.cross_entropy(output, y_val).item():.4f}, graph recorded: {output.requires_grad}")
