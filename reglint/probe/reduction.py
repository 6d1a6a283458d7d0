"""Mean or sum: what one element of a data term contributes to the loss that is back-propagated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reglint.probe.split import Addend, Split

# aten/src/ATen/core/Reduction.h: None 0, Mean 1, Sum 2
_MEAN, _SUM = 1, 2


@dataclass(frozen=True, slots=True)
class ReductionFound:
    """A data term: its operation, the factor of one `element` of `elements` (None where they differ) and their shape.

    `batch` are candidate batch sizes: the first dimensions of the model's first input, best first. `weighted`: the factor is that
    before the elements were multiplied by factors of their own.
    """

    operation: str
    element: float | None
    elements: int
    shape: tuple[int, ...]
    batch: tuple[int, ...]
    place: tuple[str, int] | None
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reduction` is mean, sum, batchmean or unknown; `again`: a mean divided by the batch size once more."""

    reduction: str
    again: bool
    text: str


def reductions(found: Split, batch: Sequence[int], scale: float = 1.0) -> list[ReductionFound]:
    """One entry per data term; factors are freed from `scale`, that of a GradScaler."""
    made = []
    for index, addend in enumerate(found.data):
        node, factor = _inside(addend, found.uniform.get(index))
        name = node.name().rstrip("0123456789").removesuffix("Backward")
        element, count, shape = factor if factor is not None else (None, 0, ())
        share = None if element is None else element / scale
        place = addend.place or addend.join
        made.append(ReductionFound(name, share, count, shape, tuple(batch), place, index in found.weighted))
    return made


def verdict(found: ReductionFound, backwards: int) -> Verdict:
    """What the factors mean when the term is back-propagated so many times per step.

    c·N = 1 mean; c = 1 sum; c·N·a = 1 mean over the accumulation; c·B = 1 sum inside, mean over the batch; c·N·B = 1 averaged twice.
    """
    if not found.element:
        return Verdict("unknown", False, "not uniform over the elements" if found.element is None else "switched off (factor 0)")
    sign, size, count = ("-" if found.element < 0 else ""), abs(found.element), found.elements

    def near(value: float) -> bool:
        return abs(value - 1.0) < 1e-4

    if near(size * count):
        return Verdict("mean", False, f"{sign}mean")
    if near(size):
        return Verdict("sum", False, f"{sign}sum")
    if backwards > 1 and near(size * count * backwards):
        return Verdict("mean", False, f"{sign}mean / {backwards}")
    if backwards > 1 and near(size * backwards):
        return Verdict("sum", False, f"{sign}sum / {backwards}")
    if found.weighted:
        return _multiple(sign, size, count)  # a mean over what a mask leaves equals a mean over a batch by chance only
    candidates = [b for b in dict.fromkeys([*found.batch, *found.shape[:1]]) if b > 1]
    for b in candidates:
        if near(size * b) and b != count:
            return Verdict("batchmean", False, f"{sign}mean over the batch, sum over the other dims")
        if b in found.shape and near(size * count / b):
            return Verdict("sum", False, f"{sign}sum over the batch, mean over the other dims")
    # the second dimension of an input is seldom the batch, and this verdict accuses
    if any(near(size * count * b) for b in (found.batch or found.shape)[:1] if b > 1):
        return Verdict("mean", True, f"{sign}averaged twice (mean, then / batch size)")
    return _multiple(sign, size, count)


def _multiple(sign: str, size: float, count: int) -> Verdict:
    times = size * count
    if times < 1.0 and abs(1.0 / times - round(1.0 / times)) < 1e-4:
        return Verdict("mean", False, f"{sign}mean / {round(1.0 / times)}")
    if times < count**0.5:
        return Verdict("mean", False, f"{sign}mean x {times:g}")
    return Verdict("sum", False, f"{sign}sum x {size:g}")


def _inside(addend: Addend, factor: tuple[float, int, tuple[int, ...]] | None) -> tuple[Any, tuple[float, int, tuple[int, ...]] | None]:
    """Look into nodes that reduce inside (mse_loss, nll_loss)."""
    node = addend.node
    reduction = getattr(node, "_saved_reduction", None)
    if factor is not None and factor[1] == 1 and reduction is not None:
        return node, _loss_node(node, reduction, factor[0])
    return node, factor


def _loss_node(node: Any, reduction: int, factor: float) -> tuple[float, int, tuple[int, ...]] | None:
    weight = getattr(node, "_saved_total_weight", None)
    if node.name().startswith("NllLoss"):
        target = node._saved_target
        count = target.numel()
        if reduction == _MEAN:
            divisor = float(weight) if weight is not None and weight.numel() == 1 and float(weight) > 0 else float(count)
            return factor / divisor, round(divisor) or count, tuple(target.shape)
        return factor, count, tuple(target.shape)
    elements = node._saved_self
    count, shape = elements.numel(), tuple(elements.shape)
    return (factor / count if reduction == _MEAN else factor), count, shape
