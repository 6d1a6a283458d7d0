"""Sums over tokens, divided by the number of all tokens of the step."""

import torch
from torch import nn

torch.manual_seed(0)
micro_batches = [torch.full((2,), 8.0), torch.full((6,), 2.0)]
level = nn.Parameter(torch.zeros(()))
optimizer = torch.optim.SGD([level], lr=0.1)

optimizer.zero_grad()
total_tokens = sum(len(tokens) for tokens in micro_batches)
for tokens in micro_batches:
    loss = (tokens - level).abs().sum() / total_tokens
    loss.backward()
    print(f"{len(tokens)} tokens add {loss.item():.2f}")
optimizer.step()
mean = sum((tokens - 0.0).abs().sum().item() for tokens in micro_batches) / total_tokens
print(f"mean over all tokens: {mean:.2f}")
