import torch
from torch import nn

from freeze import set_parameter_requires_grad
from model import Backbone

backbone = Backbone()
set_parameter_requires_grad(backbone, feature_extracting=True)
model = nn.Sequential(backbone, nn.Linear(40, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
for _ in range(10):
    x, y = torch.randn(8, 20), torch.randint(0, 2, (8,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
