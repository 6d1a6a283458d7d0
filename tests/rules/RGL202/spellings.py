"""A deprecated flag that says something else than `reduction`, and wins."""

import torch.nn as nn
import torch.nn.functional as F

REDUCTION = "mean"

a = nn.MSELoss(size_average=False, reduction="mean")  # want RGL202 "sum"
b = nn.CrossEntropyLoss(reduction="none", size_average=True)  # want RGL202 "mean"
c = nn.BCELoss(reduce=False, reduction="sum")  # want RGL202 "none"
d = nn.L1Loss(size_average=False, reduction=REDUCTION)  # want RGL202 "sum"


def loss(output, target):
    return F.cross_entropy(output, target, size_average=False, reduction="mean")  # want RGL202 "sum"
