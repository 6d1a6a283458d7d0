import torch


def l2_regularization(model):
    l2 = torch.zeros(1)
    for param in model.parameters():
        l2 = l2 + torch.norm(param)  # want RGL103
    return l2


def squared_l2_regularization(model):
    return sum(torch.norm(param) ** 2 for param in model.parameters())
