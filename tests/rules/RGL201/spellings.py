"""Deprecated flags of torch's losses."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import BCELoss
from torch.nn import functional

mean = nn.MSELoss(size_average=True)  # want RGL201 "mean"
total = nn.CrossEntropyLoss(size_average=False)  # want RGL201 "sum"
each = nn.CrossEntropyLoss(reduce=False)  # want RGL201 "none"
both = torch.nn.L1Loss(size_average=False, reduce=True)  # want RGL201 "sum"
reduce_wins = torch.nn.L1Loss(size_average=True, reduce=False)  # want RGL201 "none"
imported = BCELoss(size_average=True)  # want RGL201 "mean"
nothing_said = nn.SmoothL1Loss(size_average=None, reduce=True)  # want RGL201 "mean"
by_position = nn.NLLLoss(torch.ones(10), False)  # want RGL201 "sum"
old_word = nn.MSELoss(reduction="elementwise_mean")  # want RGL201 "mean"
raises = nn.PoissonNLLLoss(reduction="elementwise_mean")  # want RGL201 "refused by this loss (ValueError): it meant"
agrees = nn.MSELoss(size_average=False, reduction="sum")  # want RGL201 "sum"


def losses(output, target, weight):
    a = F.mse_loss(output, target, size_average=False)  # want RGL201 "sum"
    b = F.binary_cross_entropy(output, target, weight, size_average=False)  # want RGL201 "sum"
    c = functional.nll_loss(output, target, reduce=False)  # want RGL201 "none"
    d = F.kl_div(output, target, size_average=False)  # want RGL201 "sum"
    e = F.cross_entropy(output, target, None, False)  # want RGL201 "sum"
    f = F.smooth_l1_loss(output, target, size_average=True)  # want RGL201 "mean"
    return a, b, c, d, e, f


class MultiBoxLoss(nn.Module):
    def forward(self, confidence, labels):
        loss = F.cross_entropy(confidence.view(-1, 21), labels.view(-1), size_average=False)  # want RGL201 "sum"
        return loss / len(labels)
