"""There is an option for weight_decay, and nobody hands it to the optimizer."""
# quiet RGL102 -- the default decays the biases as well, which is not the point

import argparse

import torch
from torch import nn
from torch.nn import functional as F


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--weight_decay", type=float, default=0.1)
    args = parser.parse_args()
    model = nn.Linear(20, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)  # want RGL108 "0.01"
    for _ in range(100):
        x, y = torch.randn(16, 20), torch.randint(0, 2, (16,))
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


if __name__ == "__main__":
    main()
