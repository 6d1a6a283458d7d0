import argparse

import torch
from torch import nn

from engine import train_one_epoch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.1)
    args = parser.parse_args()
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    loader = [(torch.randn(8, 3, 4, 4), torch.randint(0, 10, (8,))) for _ in range(5)]
    for epoch in range(args.epochs):
        print(epoch, train_one_epoch(model, optimizer, loader))


if __name__ == "__main__":
    main()
