import torch


def create_optimizer(args, model):
    return torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)  # want RGL102:warning "0.05"
