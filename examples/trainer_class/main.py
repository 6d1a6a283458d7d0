import torch

from args import get_args
from data import get_loaders
from model import Classifier
from trainer import Trainer


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    model = Classifier(args.hidden, args.dropout)
    train_loader, val_loader = get_loaders(args.batch_size)
    Trainer(model, args).fit(train_loader, val_loader)


if __name__ == "__main__":
    main()
