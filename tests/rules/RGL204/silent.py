"""Divisions that are right, and sums that are divided once."""

import torch
from torch import nn
from torch.nn import functional as F


def make():
    model = nn.Linear(20, 4)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def sum_divided_by_the_batch(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="sum") / x.size(0)
        loss.backward()
        optimizer.step()


def unreduced_summed_and_divided(loader):
    model, optimizer = make()
    for x, y, mask in loader:
        optimizer.zero_grad()
        loss = (F.cross_entropy(model(x), y, reduction="none") * mask).sum() / mask.sum()
        loss.backward()
        optimizer.step()


def unreduced_then_mean(loader):
    model, optimizer = make()
    loss = nn.MSELoss(reduction="none")
    for x, y in loader:
        optimizer.zero_grad()
        l = loss(model(x), y)
        l.mean().backward()
        optimizer.step()


def unreduced_then_sum_with_a_torch_optimizer(loader):
    model, optimizer = make()
    loss = nn.MSELoss(reduction="none")
    for x, y in loader:
        optimizer.zero_grad()
        l = loss(model(x), y)
        l.sum().backward()
        optimizer.step()


def accumulation(loader, accumulation_steps=4):
    model, optimizer = make()
    optimizer.zero_grad()
    for index, (x, y) in enumerate(loader):
        loss = F.cross_entropy(model(x), y) / accumulation_steps
        loss.backward()
        if (index + 1) % accumulation_steps == 0:
            optimizer.step()
            optimizer.zero_grad()


def several_tasks(loader):
    model, optimizer = make()
    for x, targets in loader:
        optimizer.zero_grad()
        output = model(x)
        loss = sum(F.cross_entropy(output, y) for y in targets) / len(targets)
        loss.backward()
        optimizer.step()


def mean_over_devices(loader):
    model, optimizer = make()
    parallel = nn.DataParallel(model)
    for x, y in loader:
        optimizer.zero_grad()
        loss = parallel(x).logsumexp(1)
        loss.mean().backward()
        optimizer.step()


def only_logged(loader):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        print("loss per sample", loss.item() / x.size(0))


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, target):
        logp = F.cross_entropy(logits, target, reduction="none")
        return ((1 - torch.exp(-logp)) ** self.gamma * logp).mean()


def focal(loader):
    model, optimizer = make()
    criterion = FocalLoss()
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def sum_with_a_step_that_divides(data_iter, lr=0.03, batch_size=10):
    w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for X, y in data_iter:
        l = (X @ w + b - y) ** 2 / 2
        l.sum().backward()
        sgd([w, b], lr, batch_size)


def unknown_criterion(loader, criterion):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y) / x.size(0)
        loss.backward()
        optimizer.step()


def unknown_divisor(loader, factor):
    model, optimizer = make()
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y) / factor
        loss.backward()
        optimizer.step()


def information(model, dataset):
    """Fisher's information: the mean of the squared gradients of single samples."""
    found = {n: torch.zeros_like(p) for n, p in model.named_parameters()}
    model.eval()
    for x in dataset:
        model.zero_grad()
        output = model(x).view(1, -1)
        label = output.max(1)[1].view(-1)
        F.nll_loss(F.log_softmax(output, dim=1), label).backward()
        for n, p in model.named_parameters():
            found[n].data += p.grad.data**2 / len(dataset)
    return found


information(nn.Linear(4, 2), [torch.randn(4), torch.randn(4)])


def losses_of_samples_one_by_one(model, dataset, params):
    """The loader gives single samples; their losses are added up and averaged once."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = seen = 0
    for x, y in torch.utils.data.DataLoader(dataset, batch_size=1, shuffle=True):
        total += F.cross_entropy(model(x), y)
        seen += 1
        if seen % params.batch_size == 0:
            total = total / params.batch_size
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            total = 0
