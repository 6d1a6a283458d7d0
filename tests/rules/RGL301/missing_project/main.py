import argparse

import torch

from model import TextClassifier
from train import train

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--dropout", type=float, default=0.5)
parser.add_argument("--dim", type=int, default=64)
parser.add_argument("--vocab-size", type=int, default=5000)
parser.add_argument("--classes", type=int, default=2)


def batches(args, n):
    return [(torch.randint(args.vocab_size, (16, 20)), torch.randint(args.classes, (16,))) for _ in range(n)]


if __name__ == "__main__":
    args = parser.parse_args()
    train(TextClassifier(args), args, batches(args, 20), batches(args, 5))
