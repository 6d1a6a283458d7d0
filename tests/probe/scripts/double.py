"""Momentum SGD with weight_decay and an L2 penalty in the loss; options by argparse, a sibling import, prints."""

import argparse
import sys

import torch
from loop import ce, loader, make, squares

parser = argparse.ArgumentParser()
parser.add_argument("--wd", type=float, default=5e-4)
parser.add_argument("--epochs", type=int, default=1000)
args = parser.parse_args()


def main():
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=args.wd)
    for _ in range(args.epochs):
        for x, y in loader():
            optimizer.zero_grad()
            loss = ce(model, x, y)
            loss = loss + 1e-4 * squares(model)
            loss.backward()
            optimizer.step()
            print("loss", loss.item())


if __name__ == "__main__":
    print("argv", sys.argv[1:], __file__)
    main()
