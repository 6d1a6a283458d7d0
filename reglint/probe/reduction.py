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
    """The data term's operation, its verdict (`mean`, `sum`, `batchmean`, `unknown`) and the factors behind it.

    `element` is the factor of one element, `elements` their number, `again` whether a mean was divided by the batch size
    once more; `text` says it in words.
    """

    operation: str
    verdict: str
    element: float | None
    elements: int
    again: bool
    text: str
    place: tuple[str, int] | None


def reductions(found: Split, batch: Sequence[int], scale: float = 1.0) -> list[ReductionFound]:
    """One verdict per data term; `batch` are candidate batch sizes (dimensions of the model's first input), best first."""
    made = []
    for index, addend in enumerate(found.data):
        factor = found.uniform.get(index)
        node, factor = _inside(addend, factor)
        name = node.name().rstrip("0123456789").removesuffix("Backward")
        if factor is None:
            made.append(ReductionFound(name, "unknown", None, 0, False, "not uniform over the elements", addend.place))
            continue
        element, count, shape = factor
        verdict, again, text = _verdict(element / scale, count, shape, batch)
        made.append(ReductionFound(name, verdict, element / scale, count, again, text, addend.place))
    return made


def _inside(addend: Addend, factor: tuple[float, int, tuple[int, ...]] | None) -> tuple[Any, tuple[float, int, tuple[int, ...]] | None]:
    """Look into nodes that reduce inside (mse_loss, nll_loss) and through scalar functions (the root of an RMSE)."""
    node = addend.node
    for _ in range(8):
        if factor is None or factor[1] != 1:
            return node, factor
        reduction = getattr(node, "_saved_reduction", None)
        if reduction is not None:
            return node, _loss_node(node, reduction, factor[0])
        return node, factor
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


def _verdict(element: float, count: int, shape: tuple[int, ...], batch: Sequence[int]) -> tuple[str, bool, str]:
    """c·N = 1 mean; c = 1 sum; c·B = 1 sum inside, mean over the batch; c·N·B = 1 averaged twice."""
    sign, size = ("-" if element < 0 else ""), abs(element)

    def near(value: float) -> bool:
        return abs(value - 1.0) < 1e-4

    if near(size * count):
        return "mean", False, f"{sign}mean"
    candidates = [b for b in dict.fromkeys([*batch, *shape[:1]]) if b > 1]
    if near(size):
        return "sum", False, f"{sign}sum"
    for b in candidates:
        if near(size * b) and b != count:
            return "batchmean", False, f"{sign}mean over the batch, sum over the other dims"
        if b in shape and near(size * count / b):
            return "sum", False, f"{sign}sum over the batch, mean over the other dims"
    for b in candidates:
        if near(size * count * b):
            return "mean", True, f"{sign}averaged twice (mean, then / batch size)"
    times = size * count
    if times < 1.0 and abs(1.0 / times - round(1.0 / times)) < 1e-4:
        return "mean", False, f"{sign}mean / {round(1.0 / times)}"
    if times < count ** 0.5:
        return "mean", False, f"{sign}mean x {times:g}"
    return "sum", False, f"{sign}sum x {size:g}"
