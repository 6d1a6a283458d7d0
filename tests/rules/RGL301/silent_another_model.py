"""The model that is called was never trained here: another one was."""

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

linear = nn.Linear(3, 2)
optimizer = torch.optim.SGD(linear.parameters(), lr=0.01)
x, y = torch.randn(10, 3), torch.randint(0, 2, (10,))
for _ in range(3):
    optimizer.zero_grad()
    F.cross_entropy(linear(x), y).backward()
    optimizer.step()

resnet = torchvision.models.resnet18()
resnet.fc = nn.Linear(resnet.fc.in_features, 100)
print(resnet(torch.randn(4, 3, 224, 224)).size())
