"""The first of two schedules is chosen by an option; a sequence of both is stepped."""

import argparse

import torch
from torch import nn
from torch.optim import lr_scheduler

parser = argparse.ArgumentParser()
parser.add_argument("--warm-up", type=int, default=2)
parser.add_argument("--kind", default="linear")


def main(args):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    after = lr_scheduler.MultiStepLR(optimizer, milestones=[5, 8])
    if args.warm_up > 0:
        kind = args.kind.lower()
        if kind == "linear":
            before = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=args.warm_up)
        elif kind == "constant":
            before = lr_scheduler.ConstantLR(optimizer, factor=0.1, total_iters=args.warm_up)
        else:
            raise ValueError(kind)
        schedule = lr_scheduler.SequentialLR(optimizer, schedulers=[before, after], milestones=[args.warm_up])
    else:
        schedule = after
    for _ in range(10):
        for _ in range(4):
            optimizer.zero_grad()
            model(torch.randn(8, 2)).pow(2).mean().backward()
            optimizer.step()
        schedule.step()


main(parser.parse_args())
