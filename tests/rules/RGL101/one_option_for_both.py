"""The same option is the penalty and the decay, as in many recommender codes."""
# quiet RGL102 -- every parameter decays by default here, which is not the point

import argparse

import torch
from torch import nn


def parse_args():
    parser = argparse.ArgumentParser(description="matrix factorisation")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--l2", type=float, default=1e-4, help="weight of the L2 regularisation")
    parser.add_argument("--epochs", type=int, default=20)
    return parser.parse_args()


class MF(nn.Module):
    def __init__(self, n_users, n_items, dim=32):
        super().__init__()
        self.users = nn.Embedding(n_users, dim)
        self.items = nn.Embedding(n_items, dim)

    def l2(self):
        reg = 0
        for p in self.parameters():
            reg = reg + (p ** 2).sum()
        return reg

    def forward(self, u, i):
        return (self.users(u) * self.items(i)).sum(-1)


def main():
    args = parse_args()
    model = MF(1000, 5000)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, weight_decay=args.l2)
    for epoch in range(args.epochs):
        for _ in range(100):
            u, i = torch.randint(1000, (256,)), torch.randint(5000, (256,))
            y = torch.rand(256).round()
            loss = criterion(model(u, i), y) + args.l2 * model.l2()  # want RGL101 "0.0001"
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: {loss.item():.4f}")


if __name__ == "__main__":
    main()
