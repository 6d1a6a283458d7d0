import torch.nn as nn


def build_criterion(name):
    if name == "mse":
        return nn.MSELoss(size_average=False)  # want RGL201 "sum"
    return nn.BCEWithLogitsLoss(reduce=True)  # want RGL201 "mean"
