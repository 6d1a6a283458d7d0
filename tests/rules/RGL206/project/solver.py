import torch
from torch import nn


class Solver:
    def __init__(self, net, lr=0.01):
        self.net = net
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(net.parameters(), lr=lr)

    def step(self, images, labels):
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(images), labels)  # want RGL206:error
        loss.backward()
        self.optimizer.step()
