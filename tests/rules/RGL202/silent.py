"""Flag and word agree (that is RGL201), or one of them is not known."""

import torch.nn as nn
import torch.nn.functional as F

a = nn.MSELoss(size_average=False, reduction="sum")  # want RGL201
b = nn.MSELoss(reduce=False, reduction="none")  # want RGL201
c = nn.MSELoss(size_average=None, reduce=None, reduction="sum")


def unknown(output, target, reduction, flag):
    one = F.mse_loss(output, target, size_average=flag, reduction="mean")
    return one + F.mse_loss(output, target, size_average=None, reduce=None, reduction=reduction)


class Wrapped(nn.Module):
    def __init__(self, size_average=True, reduction="sum"):
        super().__init__()
        self.size_average = size_average
        self.reduction = reduction

    def forward(self, a, b):
        return F.mse_loss(a, b, reduction=self.reduction)


d = Wrapped(size_average=True, reduction="sum")
