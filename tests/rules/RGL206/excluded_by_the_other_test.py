# quiet RGL305 -- nothing is evaluated here
"""What is built under one value of an option is not used under another."""

import torch.nn.functional as F
from torch import nn, optim


class Overlap(nn.Module):
    def forward(self, p, y):
        return 1 - (p * y).sum() / (p.sum() + y.sum())


class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.head = nn.Linear(8, 4)
        self._choose()

    def _choose(self):
        kind = self.cfg.loss.kind
        if kind == "plain":
            self.criterion = nn.CrossEntropyLoss()
        elif kind in ("overlap", "overlap_log"):
            self.criterion = Overlap()
        else:
            raise ValueError(kind)

    def forward(self, x, y):
        logits = self.head(x)
        if self.cfg.loss.kind == "overlap":
            return self.criterion(F.softmax(logits, -1), y)
        if self.cfg.loss.kind != "plain":
            return self.criterion(F.log_softmax(logits, -1), y)
        return self.criterion(F.softmax(logits, -1), y)  # want RGL206 "softmax"


def train(loader, cfg):
    net = Net(cfg)
    opt = optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        opt.zero_grad()
        net(x, y).backward()
        opt.step()


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 8)
        self.out = nn.Linear(8, 2)

    def forward(self, x, h):
        y, h = self.rnn(x, h)
        return self.out(y), h


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(8, 2)
        self.soft = nn.Softmax(dim=1)

    def forward(self, x):
        return self.soft(self.out(x))


def build(args):
    if args.model == "small" and "digits" in args.dataset:
        net = Small()
    elif "text" in args.dataset:
        net = Tagger()
    else:
        raise SystemExit(f"unknown: {args.dataset}")
    return net.to(args.device)


def by_dataset(loader, args):
    net = build(args)
    opt = optim.SGD(net.parameters(), lr=0.1)
    loss_func = nn.CrossEntropyLoss()
    hidden = None
    for x, y in loader:
        opt.zero_grad()
        if "text" in args.dataset:
            out, hidden = net(x, hidden)  # Small takes no second argument
            loss_func(out, y).backward()
        else:
            loss_func(net(x), y).backward()  # of either of the two
        opt.step()
