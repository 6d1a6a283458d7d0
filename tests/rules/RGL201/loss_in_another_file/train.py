import torch

from losses import build_criterion

model = torch.nn.Linear(4, 1)
criterion = build_criterion("mse")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
for _ in range(10):
    optimizer.zero_grad()
    criterion(model(torch.randn(8, 4)), torch.randn(8, 1)).backward()
    optimizer.step()
