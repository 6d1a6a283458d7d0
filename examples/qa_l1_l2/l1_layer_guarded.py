"""The L1 layer with the guard that the page calls safer: later layers get no penalty at all."""

import torch

from network import make_batch


class L1(torch.nn.Module):
    def __init__(self, module, weight_decay):
        super().__init__()
        self.module = module
        self.weight_decay = weight_decay

        # Backward hook is registered on the specified module
        self.hook = self.module.register_full_backward_hook(self._weight_decay_hook)

    # Not dependent on backprop incoming values, placeholder
    def _weight_decay_hook(self, *_):
        for param in self.module.parameters():
            # If there is no gradient or it was zeroed out
            # Zeroed out using optimizer.zero_grad() usually
            if param.grad is None or torch.all(param.grad == 0.0):
                # Apply regularization on it
                param.grad = self.regularize(param)

    def regularize(self, parameter):
        # L1 regularization formula
        return self.weight_decay * torch.sign(parameter.data)

    def forward(self, *args, **kwargs):
        # Simply forward and args and kwargs to module
        return self.module(*args, **kwargs)


torch.manual_seed(0)
model = torch.nn.Sequential(L1(torch.nn.Linear(20, 30), 1e-4), torch.nn.ReLU(), L1(torch.nn.Linear(30, 3), 1e-4))
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = make_batch()
for step in range(200):
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"loss after 200 steps {loss.item():.4f}")
