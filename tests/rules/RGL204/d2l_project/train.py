import torch

from tools import linreg, sgd, squared_loss

batch_size, lr = 5, 0.003
w = torch.normal(0, 1, size=(200, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(100):
    X, y = torch.randn(batch_size, 200), torch.randn(batch_size, 1)
    loss = squared_loss(linreg(X, w, b), y)
    loss.mean().backward()  # want RGL204
    sgd([w, b], lr, batch_size)
