import argparse

import torch
from torch import nn

from model import ViT
from optim import create_optimizer


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", default=5e-4, type=float)
    parser.add_argument("--weight-decay", default=0.05, type=float)
    parser.add_argument("--epochs", default=300, type=int)
    return parser.parse_args()


def main(args):
    model = ViT()
    optimizer = create_optimizer(args, model)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        for _ in range(10):
            images, labels = torch.randn(8, 3, 32, 32), torch.randint(0, 10, (8,))
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


if __name__ == "__main__":
    main(get_args())
