"""3.3 of the book: the same regression with MSELoss and torch's SGD, whose loss is a mean already."""

import torch
from torch import nn

from data import load_array, synthetic_data

torch.manual_seed(0)
features, labels = synthetic_data(torch.tensor([[2.0], [-3.4]]), 4.2, 1000)
data_iter = load_array((features, labels), 10)

net = nn.Sequential(nn.Linear(2, 1))
loss = nn.MSELoss()
trainer = torch.optim.SGD(net.parameters(), lr=0.03)

num_epochs = 3
for epoch in range(num_epochs):
    for X, y in data_iter:
        l = loss(net(X), y)
        trainer.zero_grad()
        l.backward()
        trainer.step()
    l = loss(net(features), labels)
    print(f'epoch {epoch + 1}, loss {l:.2g}')
