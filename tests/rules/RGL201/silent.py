"""Parameters of these names that are not those of torch's losses, and losses that are written today's way."""

import functools

import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F
from einops import reduce
from pytorch_msssim import SSIM, ssim
from warpctc_pytorch import CTCLoss


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, size_average=True):
        super().__init__()
        self.gamma = gamma
        self.size_average = size_average

    def forward(self, logits, target):
        ce = F.cross_entropy(logits, target, reduction="none")
        loss = (1 - torch.exp(-ce)) ** self.gamma * ce
        return loss.mean() if self.size_average else loss.sum()


class MSELoss(nn.Module):
    def __init__(self, size_average=True):
        super().__init__()
        self.size_average = size_average

    def forward(self, a, b):
        return ((a - b) ** 2).mean()


focal = FocalLoss(gamma=2.0, size_average=False)
own = MSELoss(size_average=False)
structural = SSIM(data_range=255, size_average=True)
ctc = CTCLoss(size_average=True)
today = [nn.MSELoss(reduction="sum"), nn.CrossEntropyLoss(torch.ones(3)), nn.L1Loss()]


def others(x, y, index):
    pooled = reduce(x, "b c h w -> b c", "mean")
    quality = ssim(x, y, data_range=1.0, size_average=False)
    scattered = torch.zeros(3).scatter_reduce(0, index, x, reduce="sum")
    dist.reduce(x, dst=0)
    total = functools.reduce(lambda a, b: a + b, [x, y])
    return pooled, quality, scattered, total


def weight_by_position(x, y, weight):
    return F.cross_entropy(x, y, weight) + F.nll_loss(x, y, weight, ignore_index=-100)


def passed_on(x, y, size_average):
    return F.mse_loss(x, y, size_average=size_average)
