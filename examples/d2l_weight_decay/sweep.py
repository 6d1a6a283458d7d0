"""The question about λ from 0 to 100: the curves oscillate because of an unseeded bias that does not decay."""

import torch
from torch import nn

from data import evaluate_loss, make_iterators, num_inputs

train_iter, test_iter = make_iterators()


def train_concise(wd):
    net = nn.Sequential(nn.Linear(num_inputs, 1))
    for param in net.parameters():
        param.data.normal_()
    loss = nn.MSELoss(reduction='none')
    num_epochs, lr = 100, 0.003
    # 偏置参数没有衰减
    trainer = torch.optim.SGD([
        {"params": net[0].weight, 'weight_decay': wd},
        {"params": net[0].bias}], lr=lr)
    for epoch in range(num_epochs):
        for X, y in train_iter:
            trainer.zero_grad()
            l = loss(net(X), y)
            l.mean().backward()
            trainer.step()
    return net, loss


torch.manual_seed(1)
for lambd in range(0, 101, 20):
    net, loss = train_concise(lambd)
    print(f'{lambd:3d}  train {evaluate_loss(net, train_iter, loss):.2g}  test {evaluate_loss(net, test_iter, loss):.2g}')
