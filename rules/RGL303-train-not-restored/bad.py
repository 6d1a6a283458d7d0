"""`train()` before the loop, `eval()` inside it: from the second epoch on dropout is off."""

import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 20), torch.randn(64, 1)
x_val, y_val = torch.randn(64, 20), torch.randn(64, 1)
model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def validate():
    model.eval()
    with torch.no_grad():
        return criterion(model(x_val), y_val).item()


model.train()
for epoch in range(3):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    dropout = "on" if model.training else "off"
    print(f"epoch {epoch}: dropout {dropout} while training, validation loss {validate():.4f}")
