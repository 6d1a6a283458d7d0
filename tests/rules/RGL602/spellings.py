"""Element 0 of a scalar, and of what has one."""
# quiet RGL603 -- how tensors are detached is not the point here

import torch
from torch import nn
from torch.nn import functional as F

model = nn.Linear(20, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    x, y = torch.randn(8, 20), torch.randint(0, 2, (8,))
    optimizer.zero_grad()
    output = model(x)
    loss = F.cross_entropy(output, y)
    loss.backward()
    optimizer.step()
    print(loss.data[0])  # want RGL602:error
    each = F.cross_entropy(output, y, reduction="none")
    print(each.data[0], output.data[0], loss.item())


def number(value):
    """For torch 0.3 as well: element 0 where there is no item()."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "__getitem__"):
        return value[0]
    return value


print(number(F.cross_entropy(model(torch.randn(8, 20)), torch.randint(0, 2, (8,)))))
print(number(F.cross_entropy(model(torch.randn(8, 20)), torch.randint(0, 2, (8,))).data))


def first(outputs):
    """A loss function may give several values, of which the first is the loss."""
    return outputs[0] if type(outputs) in (tuple, list) else outputs


def first_too(outputs):
    if isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    return outputs if type(outputs) is torch.Tensor else outputs[0]


print(first(F.cross_entropy(model(torch.randn(8, 20)), torch.randint(0, 2, (8,)))).item())
print(first_too(F.cross_entropy(model(torch.randn(8, 20)), torch.randint(0, 2, (8,)))).item())
