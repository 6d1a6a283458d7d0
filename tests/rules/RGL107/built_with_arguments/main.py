import torch
from torch import nn
from trainer import Optim, fit

if __name__ == "__main__":
    net = nn.Sequential(nn.Linear(4, 4, bias=False), nn.ReLU(), nn.Linear(4, 1, bias=False))
    fit(net, Optim(net.parameters(), 1e-3, 5, lr_decay=0.9, weight_decay=1e-5), [(torch.zeros(2, 4), torch.zeros(2, 1))])
