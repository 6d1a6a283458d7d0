"""Suppressions that are needed, on the line, above it, by code, by name, and those of other tools."""

import torch
from torch import nn

criterion = nn.MSELoss(size_average=False)  # reglint: ignore[RGL201] -- runs on torch 0.3 as well
model = nn.Linear(20, 1)
# reglint: ignore[coupled-decay-in-adaptive-optimizer, RGL102] -- as in the paper
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-2)
legacy = nn.L1Loss(size_average=True)  # noqa: RGL201
unused = nn.L1Loss()  # noqa: E501
