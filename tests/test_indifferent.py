"""Optimizers whose step is the same for a sum of gradients as for their mean, as RGL208 says of them: measured."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from reglint.checks.rgl208_accumulation_not_divided import INDIFFERENT


def moved(kind: str, divisor: int) -> torch.Tensor:
    """How far the weights have gone after 20 steps of four micro-batches each."""
    torch.manual_seed(0)
    model = nn.Linear(20, 4)
    before = model.weight.detach().clone()
    optimizer = getattr(torch.optim, kind)(model.parameters(), lr=1e-3)
    for _ in range(20):
        for _ in range(4):
            loss = nn.functional.cross_entropy(model(torch.randn(16, 20)), torch.randint(0, 4, (16,)))
            (loss / divisor).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.weight.detach() - before


@pytest.mark.parametrize("kind", [*sorted(name.rpartition(".")[2] for name in INDIFFERENT), "SGD", "RAdam", "Adadelta"])
def test_a_sum_moves_them_as_a_mean(kind: str) -> None:
    summed, mean = moved(kind, 1), moved(kind, 4)
    assert bool((summed - mean).norm() < 1e-5 * mean.norm()) == (f"torch.optim.{kind}" in INDIFFERENT)
