"""A small network and how the probe's tests run a training program on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from reglint.probe import ProbeReport, watch


class Net(nn.Module):
    """Linear, LayerNorm, Linear: weights, biases and a norm layer. `dropout` and `batch_norm` put such layers in."""

    def __init__(self, dropout: float = 0.0, batch_norm: bool = False) -> None:
        super().__init__()
        self.one = nn.Linear(4, 8)
        self.norm: nn.Module = nn.BatchNorm1d(8) if batch_norm else nn.LayerNorm(8)
        self.drop = nn.Dropout(dropout)
        self.two = nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        """Logits, shape (N, 3)."""
        return self.two(self.drop(self.norm(self.one(x)).relu()))


def batch(size: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (N, 4) and classes (N,)."""
    return torch.randn(size, 4), torch.randint(0, 3, (size,))


def ce(model: Any, data: Any) -> Any:
    """Mean cross entropy of a batch."""
    x, y = data
    return F.cross_entropy(model(x), y)


def squares(model: Any) -> Any:
    """Σw² over all parameters."""
    return sum(p.pow(2).sum() for p in model.parameters())


def observe(program: Callable[[], None], steps: int = 2) -> ProbeReport:
    """Run a program under observation; the probe itself must not have failed anywhere."""
    torch.manual_seed(0)
    with watch(steps=steps) as seen:
        program()
    assert seen.report is not None
    assert seen.report.trace.failures == ()
    return seen.report


def train(model: Any, optimizer: Any, loss: Callable[[Any, Any], Any] = ce, steps: int = 2, before_step: Any = None) -> None:
    """The plain loop."""
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model, batch()).backward()
        if before_step is not None:
            before_step(model)
        optimizer.step()
