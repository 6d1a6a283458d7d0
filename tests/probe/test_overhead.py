"""What observing costs, on a model of ten million parameters: at most as much again, in time and in memory."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from reglint.probe import overhead, samples


def test_time_at_most_twice() -> None:
    """Plain and observed steps take turns; load can only spoil a round, so the best one counts."""
    torch.manual_seed(0)
    rounds = list(overhead.rounds("mlp", "AdamW", 5))
    assert min(r.first.cpu / r.plain.cpu for r in rounds) < 2.0
    assert min(r.later.cpu / r.plain.cpu for r in rounds) < 2.0


def test_memory_below_twice() -> None:
    """Peaks of processes of their own, less that of one that imports all and trains a tiny layer.

    SGD is the harder case: there is no optimizer state beside which the probe's derivatives would be small.
    """
    plain, observed = overhead.memory("mlp", "SGD")
    assert plain > 80.0  # weights and gradients alone: the difference of peaks is no noise
    assert observed < 2.0 * plain


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 5000, 70_000])
def test_norms_by_blocks(dtype: torch.dtype, size: int) -> None:
    """Rows and blocks with a rest give the float64 numbers."""
    torch.manual_seed(0)
    one, other = torch.randn(size).to(dtype), torch.randn(size).to(dtype)
    length = float(one.double().norm())
    assert samples.norm(one) == pytest.approx(length, rel=1e-7)
    expected = float((one.double() * other.double()).sum())
    assert samples.product(one, other) == pytest.approx(expected, abs=1e-7 * length * float(other.double().norm()))


def test_repeated_dimensions() -> None:
    """Expanded dimensions are left out, all others stay."""
    value = torch.arange(3.0).reshape(3, 1).expand(3, 1000)
    assert samples.distinct(value).shape == (3, 1)
    assert samples.distinct(torch.ones(()).expand(7, 9)).shape == (1, 1)
    assert samples.distinct(torch.ones(2, 1)).shape == (2, 1)
