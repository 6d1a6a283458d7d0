"""Mean or sum, read from the graph of one step, for the spellings of loss that people write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F

from reglint.probe import watch

B, D = 6, 5
DOUBLE = "averaged twice (mean, then / batch size)"
OUTER, INNER = "mean over the batch, sum over the other dims", "sum over the batch, mean over the other dims"

CASES: dict[str, tuple[Callable[[Any, Any, Any], Any], str]] = {
    "mse": (lambda o, y, k: F.mse_loss(o, y), "mean"),
    "mse sum": (lambda o, y, k: F.mse_loss(o, y, reduction="sum"), "sum"),
    "mse sum / B": (lambda o, y, k: F.mse_loss(o, y, reduction="sum") / B, OUTER),
    "mse / B": (lambda o, y, k: F.mse_loss(o, y) / B, DOUBLE),
    "mse * B": (lambda o, y, k: F.mse_loss(o, y) * B, INNER),
    "none mean": (lambda o, y, k: F.mse_loss(o, y, reduction="none").mean(), "mean"),
    "none sum(1) mean": (lambda o, y, k: F.mse_loss(o, y, reduction="none").sum(1).mean(), OUTER),
    "none mean(1) sum": (lambda o, y, k: F.mse_loss(o, y, reduction="none").mean(1).sum(), INNER),
    "square mean": (lambda o, y, k: ((o - y) ** 2).mean(), "mean"),
    "square sum": (lambda o, y, k: ((o - y) ** 2).sum(), "sum"),
    "l1": (lambda o, y, k: F.l1_loss(o, y), "mean"),
    "smooth l1 sum": (lambda o, y, k: F.smooth_l1_loss(o, y, reduction="sum"), "sum"),
    "huber": (lambda o, y, k: F.huber_loss(o, y), "mean"),
    "ce": (lambda o, y, k: F.cross_entropy(o, k), "mean"),
    "ce sum": (lambda o, y, k: F.cross_entropy(o, k, reduction="sum"), "sum"),
    "ce / B": (lambda o, y, k: F.cross_entropy(o, k) / B, DOUBLE),
    "ce ignored": (lambda o, y, k: F.cross_entropy(o, torch.where(k == 0, -100, k)), "mean"),
    "ce weights": (lambda o, y, k: F.cross_entropy(o, k, weight=torch.ones(D)), "mean"),
    "nll": (lambda o, y, k: F.nll_loss(F.log_softmax(o, 1), k), "mean"),
    "ce none sum": (lambda o, y, k: F.cross_entropy(o, k, reduction="none").sum(), "sum"),
    "ce none mean": (lambda o, y, k: F.cross_entropy(o, k, reduction="none").mean(), "mean"),
    "gather": (lambda o, y, k: -F.log_softmax(o, 1).gather(1, k[:, None]).mean(), "-mean"),
    "bce logits": (lambda o, y, k: F.binary_cross_entropy_with_logits(o, y.sigmoid()), "mean"),
    "bce logits sum": (lambda o, y, k: F.binary_cross_entropy_with_logits(o, y.sigmoid(), reduction="sum"), "sum"),
    "bce": (lambda o, y, k: F.binary_cross_entropy(o.sigmoid(), y.sigmoid()), "mean"),
    "bce sum / B": (lambda o, y, k: F.binary_cross_entropy(o.sigmoid(), y.sigmoid(), reduction="sum") / B, OUTER),
    "accumulation": (lambda o, y, k: F.mse_loss(o, y) / 4, "mean / 4"),
    "scaled": (lambda o, y, k: 1.5 * F.mse_loss(o, y), "mean x 1.5"),
    "with a penalty": (lambda o, y, k: F.mse_loss(o, y) + 0.0 * o.sum() ** 2, "mean"),
}


@pytest.mark.parametrize("name", CASES)
def test_reduction(name: str) -> None:
    """The verdict of the first data term."""
    loss, expected = CASES[name]
    torch.manual_seed(0)
    model = nn.Linear(4, D)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y, k = torch.randn(B, 4), torch.randn(B, D), torch.arange(B) % D
    with watch(model, optimizer) as seen:
        loss(model(x), y, k).backward()
        optimizer.step()
    assert seen.report is not None and seen.report.trace.failures == ()
    assert seen.report.trace.steps[0].data[0].text == expected


def test_masked_elements_are_said() -> None:
    """A masked mean is a mean over what the mask leaves: its factor and the mask are told apart."""
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    mask = torch.tensor([1.0, 0.0] * 4)
    with watch(model, optimizer) as seen:
        losses = F.mse_loss(model(torch.randn(8, 4))[:, 0], torch.randn(8), reduction="none")
        ((losses * mask).sum() / mask.sum()).backward()
        optimizer.step()
    assert seen.report is not None
    remarks = [remark for remark in seen.report.steps[0].remarks if remark.startswith("data loss")]
    assert len(remarks) == 1 and remarks[0].endswith(": mean x 2, elements weighted")
