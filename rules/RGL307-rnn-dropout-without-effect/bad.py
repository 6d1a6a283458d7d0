"""`dropout=0.5` in an LSTM of one layer: it acts between layers, and there is no second one."""

import torch
from torch import nn
from torch.nn import functional as F


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(20, 30, num_layers=1, dropout=0.5, batch_first=True)
        self.out = nn.Linear(30, 4)

    def forward(self, x):
        hidden, _ = self.lstm(x)
        return self.out(hidden[:, -1])


torch.manual_seed(0)
x, y = torch.randn(16, 5, 20), torch.randint(0, 4, (16,))
model = Tagger()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.train()
optimizer.zero_grad()
first, second = model(x), model(x)
loss = (F.cross_entropy(first, y) + F.cross_entropy(second, y)) / 2
loss.backward()
optimizer.step()
print(f"two passes over the same batch differ: {not torch.equal(first, second)}")
