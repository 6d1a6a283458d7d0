"""Variable, as it was."""

import torch
from torch.autograd import Variable

x = Variable(torch.randn(3))  # want RGL601:note
w = torch.autograd.Variable(torch.zeros(3), requires_grad=True)  # want RGL601:note
v = Variable(torch.randn(3), volatile=True)  # want RGL601:warning "volatile"
