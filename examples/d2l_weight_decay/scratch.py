"""从零开始: the loss is summed, and a hand-written sgd divides by the batch size."""

import torch

from data import batch_size, evaluate_loss, make_iterators, num_inputs

train_iter, test_iter = make_iterators()


def init_params():
    w = torch.normal(0, 1, size=(num_inputs, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    return [w, b]


def l2_penalty(w):
    return torch.sum(w.pow(2)) / 2


def linreg(X, w, b):
    return torch.matmul(X, w) + b


def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params, lr, batch_size):
    """小批量随机梯度下降"""
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def train(lambd):
    w, b = init_params()
    net, loss = lambda X: linreg(X, w, b), squared_loss
    num_epochs, lr = 100, 0.003
    for epoch in range(num_epochs):
        for X, y in train_iter:
            # 增加了L2范数惩罚项，广播机制使l2_penalty(w)成为一个长度为batch_size的向量
            l = loss(net(X), y) + lambd * l2_penalty(w)
            l.sum().backward()
            sgd([w, b], lr, batch_size)
    print(f'lambd={lambd}: train {evaluate_loss(net, train_iter, loss):.2g}, test {evaluate_loss(net, test_iter, loss):.2g},',
          f'w的L2范数: {torch.norm(w).item():.3f}')


torch.manual_seed(1)
train(lambd=0)
train(lambd=3)
