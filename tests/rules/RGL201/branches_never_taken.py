"""Retired flags in branches that the calls of this file never take are retired all the same."""

import torch.nn as nn


def build(name):
    if name == "sum":
        return nn.MSELoss(size_average=False)  # want RGL201 "sum"
    if name == "mean":
        return nn.MSELoss(size_average=True)  # want RGL201 "mean"
    return nn.L1Loss(reduce=False)  # want RGL201 "none"


criterion = build("mean")
DEBUG = False
if DEBUG:
    criterion = nn.BCELoss(size_average=False)  # want RGL201 "sum"
