"""One of many optimizers by option, one of them of the author's own; a scaler steps what the trainer clears."""
# quiet RGL102 RGL107 RGL305 -- the choice of decay is not the point here

import argparse

import torch
from torch import nn


class Signed(torch.optim.Adam):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad.sign(), alpha=-group["lr"])


class Trainer:
    def __init__(self, model, optimizer, every=1):
        self.model = model
        self.optimizer = optimizer
        self.scaler = torch.amp.GradScaler("cuda")
        self.every = every
        self.count = 0

    def one(self, loss):
        self.count += 1
        self.scaler.scale(loss).backward()
        if self.count == self.every:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), 0.1)
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.optimizer.zero_grad()
            self.count = 0

    def fit(self):
        for _ in range(10):
            self.one(self.model(torch.randn(4, 2)).pow(2).mean())


parser = argparse.ArgumentParser()
parser.add_argument("--opt", default="signed")
args = parser.parse_args()
model = nn.Linear(2, 1)
if args.opt == "sgd":
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
elif args.opt == "radam":
    optimizer = torch.optim.RAdam(model.parameters(), 0.1)
elif args.opt == "nadam":
    optimizer = torch.optim.NAdam(model.parameters(), 0.1)
elif args.opt == "signed":
    optimizer = Signed(model.parameters(), 0.1)
Trainer(model, optimizer).fit()
