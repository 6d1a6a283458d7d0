"""简洁实现: weight_decay in a group of its own, the bias is not decayed."""

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
    print(f'wd={wd}: train {evaluate_loss(net, train_iter, loss):.2g}, test {evaluate_loss(net, test_iter, loss):.2g},',
          f'w的L2范数: {net[0].weight.norm().item():.3f}')


torch.manual_seed(1)
train_concise(0)
train_concise(3)
