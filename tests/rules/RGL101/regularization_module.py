"""A `Regularization(model, weight_decay, p=2)` module, as found in many Chinese tutorials; its norm is not squared."""
# quiet RGL102 -- every parameter decays by default here, which is not the point

import torch
from torch import nn


class Regularization(nn.Module):
    def __init__(self, model, weight_decay, p=2):
        super(Regularization, self).__init__()
        if weight_decay <= 0:
            raise ValueError("weight_decay must be positive")
        self.model = model
        self.weight_decay = weight_decay
        self.p = p

    def forward(self, model):
        reg_loss = 0
        for name, w in model.named_parameters():
            if "weight" in name:
                l2_reg = torch.norm(w, p=self.p)  # want RGL103
                reg_loss = reg_loss + l2_reg
        return self.weight_decay * reg_loss


weight_decay = 0.01
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
reg_loss = Regularization(model, weight_decay, p=2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=weight_decay)

for step in range(100):
    x, y = torch.randn(32, 20), torch.randint(0, 2, (32,))
    loss = criterion(model(x), y)
    loss = loss + reg_loss(model)  # want RGL101 "0.01"
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
