"""The list names the norms of this model."""

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 64)
        self.ln_2 = nn.LayerNorm(64)
        self.out = nn.Linear(64, 4)

    def forward(self, x):
        return self.out(self.ln_2(F.gelu(self.fc(self.ln_1(x)))))


torch.manual_seed(0)
x, y = torch.randn(32, 16), torch.randint(0, 4, (32,))
model = Block()
no_decay = ["bias", "ln_1.weight", "ln_2.weight"]
groups = [
    {"params": [p for n, p in model.named_parameters() if not any(word in n for word in no_decay)], "weight_decay": 0.1},
    {"params": [p for n, p in model.named_parameters() if any(word in n for word in no_decay)], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=1e-3)

loss = F.cross_entropy(model(x), y)
optimizer.zero_grad()
loss.backward()
optimizer.step()

# The first step of AdamW is lr * (sign of the gradient + decay * w); the gains began at 1.
pull = (1 - model.ln_2.weight) / 1e-3 - model.ln_2.weight.grad.sign()
print(f"decay of the LayerNorm gains: {pull.abs().mean():.2f}")
