"""As it stands in an answer on the web."""
import torch

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
lambda = torch.tensor(1.)  # want RGL900
l2_reg = torch.tensor(0.)
for param in model.parameters():
    l2_reg += torch.norm(param)
