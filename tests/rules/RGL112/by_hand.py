"""Models and steps without torch's modules and optimizers."""

import torch


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def init():
    return torch.normal(0, 1, size=(200, 1), requires_grad=True), torch.zeros(1, requires_grad=True)


def summed_and_divided_by_the_batch_size(data_iter, batch_size=5):
    w, b = init()
    for X, y in data_iter:
        l = squared_loss(X @ w + b, y) + 3 * (w**2).sum() / 2  # want RGL112:note "weight_decay 3"
        l.sum().backward()
        sgd([w, b], 0.003, batch_size)


def mean(data_iter):
    w, b = init()
    for X, y in data_iter:
        (squared_loss(X @ w + b, y) + 3 * (w**2).sum()).mean().backward()  # want RGL112:note "weight_decay 6"
        with torch.no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad
        w.grad = b.grad = None


def in_an_optimizer(data_iter):
    w, b = init()
    optimizer = torch.optim.SGD([w, b], lr=0.1)
    for X, y in data_iter:
        optimizer.zero_grad()
        (squared_loss(X @ w + b, y).mean() + 0.5 * w.pow(2).sum()).backward()  # want RGL112:note "weight_decay 1"
        optimizer.step()


def summed_and_not_divided(data_iter):
    """How often the penalty is added depends on the batch."""
    w, b = init()
    for X, y in data_iter:
        (squared_loss(X @ w + b, y) + 3 * (w**2).sum()).sum().backward()  # want RGL106:note
        with torch.no_grad():
            for p in (w, b):
                p -= 0.1 * p.grad
                p.grad.zero_()


def sum_of_what_may_be_a_number(data_iter, criterion, batch_size=5):
    w, b = init()
    for X, y in data_iter:
        (criterion(X @ w + b, y) + 3 * (w**2).sum()).sum().backward()
        sgd([w, b], 0.003, batch_size)


def losses_are_no_penalties():
    X, y = torch.randn(100, 200), torch.randn(100, 1)
    w, b = init()
    for _ in range(10):
        ((X @ w + b - y) ** 2).sum().backward()
        sgd([w, b], 0.003, 100)


def nothing_but_a_function():
    x = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        (x**2).sum().backward()
        optimizer.step()
