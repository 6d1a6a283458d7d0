"""`F.dropout` without `training=` drops in evaluation too."""

import torch
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    """Two layers with dropout between them."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 50)
        self.out = nn.Linear(50, 1)

    def forward(self, x):
        x = F.relu(self.hidden(x))
        x = F.dropout(x, p=0.5)
        return self.out(x)


torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
model = Classifier()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

model.train()
optimizer.zero_grad()
loss = F.mse_loss(model(x), y)
loss.backward()
optimizer.step()

model.eval()
x_test = torch.randn(1, 20)
with torch.no_grad():
    predictions = torch.cat([model(x_test) for _ in range(2000)])
print(f"2000 predictions after eval(): mean {predictions.mean():.3f}, standard deviation {predictions.std():.3f}")
