"""What happened to the gradients between autograd and the optimizer, and to the weights outside of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

_TOLERANCE = 2e-5


@dataclass(frozen=True, slots=True)
class Pair:
    """One parameter: a value before, the value after, and its weights, all flat float64 samples."""

    before: torch.Tensor
    after: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True, slots=True)
class Change:
    """`after = factor·(before + pull·w)`, or `clamp(before, ±bound)`; `kind` is none, scale, clamp, pull, replaced, lost or unexplained.

    `form` says what is pulled along: w (l2) or sign(w) (l1); `signed` is what a pull along sign(w) would have to be where nothing
    tells the two apart. `replaced`: nothing of `before` is left, `after = pull·w`.
    """

    kind: str
    factor: float = 1.0
    bound: float | None = None
    pull: float = 0.0
    residual: float = 0.0
    form: str = "l2"
    signed: float | None = None


NONE = Change("none")


def explain(pairs: Sequence[Pair]) -> list[Change]:
    """The change of each parameter, explained jointly where one law covers all (clipping does), else one by one."""
    missing = [i for i, p in enumerate(pairs) if not _close(p.after, p.before)]
    made = [NONE] * len(pairs)
    if not missing:
        return made
    if all(float(pairs[i].after.abs().max()) == 0.0 for i in missing):
        for i in missing:
            made[i] = Change("lost", 0.0)
        return made
    together = _law([p for p in pairs if float(p.before.norm()) > 0.0 or float(p.after.norm()) > 0.0])
    if together is not None and together.kind in ("scale", "clamp"):
        return [together] * len(pairs)
    touched = [pairs[i] for i in missing]
    common = _law(touched)
    for i in missing:
        own = _law([pairs[i]]) if pairs[i].before.numel() > 2 else None
        if own is not None and own.kind != "scale" and common is not None and _fits(pairs[i], common):
            own = common
        chosen = own or (common if common is not None and _fits(pairs[i], common) else None)
        made[i] = chosen or Change("unexplained", residual=_distance(pairs[i].after, pairs[i].before))
    return [_like_siblings(pair, change, made) for pair, change in zip(pairs, made, strict=True)]


def agreed(history: Sequence[tuple[Change, torch.Tensor]]) -> list[Change]:
    """One parameter's changes over its steps, each with the weights it was made at; in the same order.

    Where all |w| are equal, as in fresh scales of norm layers, w and sign(w) are one direction. Another step shows which it is:
    by weights that differ, or as the pull along w stays the same while |w| changes (or the pull along sign(w) does).
    """
    lengths = [_common_length(weight) for _, weight in history]
    pulled = [i for i, (change, _) in enumerate(history) if change.kind in ("pull", "replaced")]
    open_ones = [i for i in pulled if lengths[i] is not None and history[i][0].form == "l2"]
    if not open_ones:
        return [change for change, _ in history]
    sure = next((history[i][0].form for i in pulled if lengths[i] is None), None)
    form = sure or _form_over_steps([(history[i][0].pull, lengths[i] or 0.0) for i in open_ones])
    made = [change for change, _ in history]
    for i in open_ones:
        signed = made[i].pull * (lengths[i] or 0.0)
        if form == "l1":
            made[i] = replace(made[i], form="l1", pull=signed)
        elif form is None:
            made[i] = replace(made[i], signed=signed)
    return made


def _common_length(weight: torch.Tensor) -> float | None:
    """|w| where it is the same for all elements."""
    sizes = weight.abs()
    low, high = (float(sizes.min()), float(sizes.max())) if sizes.numel() else (0.0, 0.0)
    return low if high > 0.0 and high - low <= 1e-6 * high else None


def _form_over_steps(pulls: Sequence[tuple[float, float]]) -> str | None:
    """l2 or l1 by (pull along w, |w|) of several steps; None where |w| hardly changes or neither stays the same."""
    lengths = [length for _, length in pulls]
    if max(lengths) - min(lengths) <= 1e-2 * max(lengths):
        return None
    for form, values in (("l2", [pull for pull, _ in pulls]), ("l1", [pull * length for pull, length in pulls])):
        if max(values) - min(values) <= 1e-3 * max(abs(value) for value in values):
            return form
    return None


def _like_siblings(pair: Pair, change: Change, others: Sequence[Change]) -> Change:
    """One or two elements fit any law, so they show none: they follow a law that larger parameters have shown."""
    if change.kind != "unexplained" or pair.before.numel() > 2:
        return change
    return next((other for other in others if other.kind in ("pull", "replaced", "scale", "clamp") and _fits(pair, other)), change)


def _law(pairs: Sequence[Pair]) -> Change | None:
    """The simplest law that all pairs share: none, scale, clamp, scale with a pull along the weights."""
    if not pairs:
        return None
    before, after, weight = (torch.cat([getattr(p, name) for p in pairs]) for name in ("before", "after", "weight"))
    if not bool(torch.isfinite(after).all() and torch.isfinite(before).all()):
        return None
    square = float(before @ before)
    if square > 0.0:
        factor = float(before @ after) / square
        if all(_close(p.after, factor * p.before) for p in pairs) and (before.numel() > 1 or abs(factor - 1.0) > 1e-6):
            return Change("scale", factor)
    bound = float(after.abs().max())
    if bound > 0.0 and _close(after, before.clamp(-bound, bound)) and not _close(after, before):
        return Change("clamp", bound=bound)
    return _pulled(before, after, weight, "l2") or _pulled(before, after, weight.sign(), "l1")


def _pulled(before: torch.Tensor, after: torch.Tensor, weight: torch.Tensor, form: str) -> Change | None:
    """`after = f·before + p·w`. With as many unknowns as equations any data fit: then only f = 1 is believed."""
    if before.numel() < 2 or float(weight.norm()) == 0.0:
        return None
    system = torch.stack([before, weight], 1)
    if int(torch.linalg.matrix_rank(system)) < 2:
        return None
    factor, pull = (float(v) for v in torch.linalg.lstsq(system, after[:, None]).solution[:, 0])
    if not _close(after, factor * before + pull * weight):
        return None
    if before.numel() == 2 and abs(factor - 1.0) > 1e-5:
        return None
    if abs(factor - 1.0) < 1e-6:
        factor = 1.0
    if abs(factor) * float(before.norm()) < 1e-5 * float(after.norm()):
        return Change("replaced", 0.0, pull=pull, form=form)
    return Change("pull", factor, pull=pull / factor, form=form)


def _fits(pair: Pair, change: Change) -> bool:
    if change.kind == "clamp" and change.bound is not None:
        return _close(pair.after, pair.before.clamp(-change.bound, change.bound))
    direction = pair.weight if change.form == "l2" else pair.weight.sign()
    if change.kind == "replaced":
        return _close(pair.after, change.pull * direction)
    return _close(pair.after, change.factor * (pair.before + change.pull * direction))


def _distance(one: torch.Tensor, other: torch.Tensor) -> float:
    size = max(float(one.norm()), float(other.norm()))
    return float((one - other).norm()) / size if size > 0.0 else 0.0


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return _distance(one, other) <= _TOLERANCE
