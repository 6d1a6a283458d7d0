import torch
from torch import nn

from optim_step import optimize

model = nn.LSTM(10, 20, batch_first=True)
head = nn.Linear(20, 1)
both = nn.ModuleList([model, head])
optimizer = torch.optim.Adam(both.parameters(), lr=1e-3)
for _ in range(10):
    output, _ = model(torch.randn(4, 7, 10))
    loss = nn.functional.mse_loss(head(output[:, -1]), torch.randn(4, 1))
    optimize(loss, both, optimizer, max_norm=0.25)
