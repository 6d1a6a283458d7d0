"""What a penalty is: its form and coefficient, from its gradient and one Hessian-vector product.

At |w| = 1 the penalties ½Σw², Σ|w| and Σ‖w‖ have the same gradient; their curvatures differ everywhere:

    c/2·Σw²   gradient c·w        H·v = c·v
    c·Σ|w|    gradient c·sign(w)  H·v = 0
    c·Σ‖w‖    gradient c·w/‖w‖    H·v = c/‖w‖·(v − ŵ(ŵ·v))

The curvature of an L2 penalty is there even at w = 0, where fresh biases stand and its gradient vanishes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from reglint.probe.derivatives import TOLERANCE, Direction, directions
from reglint.probe.split import Addend


@dataclass(frozen=True, slots=True)
class Found:
    """The form of a penalty on one parameter. `coefficient` is in front of w (l2), w/‖w‖ (norm), sign(w) (l1); None for other forms.

    `position` is the parameter's index in the list given to `identify`; `norm` that of the penalty's gradient;
    `description` names what is not simply a form (`l2 around a reference`); `residual` is relative to the gradient.
    """

    position: int
    form: str
    coefficient: float | None
    norm: float
    description: str = ""
    residual: float = 0.0


@dataclass(frozen=True, slots=True)
class _Whole:
    """The term on all its parameters: `total` ‖w‖, `joint` w·v, Euler's `degree` w·g/value (where all gradients are along w it is
    2 for ½λ‖w‖² and 1 for λ‖w‖; None where the value is not known), `custom` if it was made by a Function of the user's.
    """

    total: float
    joint: float
    degree: float | None
    custom: bool


def groups(addends: Sequence[Addend]) -> list[list[Addend]]:
    """Addends made by the same operation at the same place belong together: a loop over parameters is one penalty."""
    found: dict[Any, list[Addend]] = {}
    for addend in addends:
        name = "leaf" if hasattr(addend.node, "variable") else addend.node.name()
        found.setdefault((addend.place, addend.join, name), []).append(addend)
    return list(found.values())


def identify(addends: Sequence[Addend], parameters: Sequence[torch.Tensor], scale: float = 1.0) -> list[Found]:
    """The form of one penalty on each parameter it reaches; coefficients are divided by `scale` (that of a GradScaler)."""
    parameters = [p.variable if hasattr(p, "variable") else p for p in parameters]
    leaves = [a for a in addends if hasattr(a.node, "variable")]
    inner = [a for a in addends if not hasattr(a.node, "variable")]
    found = []
    for addend in leaves:  # a parameter itself stands in the loss: linear, as the `s` of exp(-s)·L + s
        position = next((i for i, p in enumerate(parameters) if p is addend.node.variable), None)
        if position is not None:
            found.append(Found(position, "other", None, float(addend.cotangent.detach().double().norm()) / scale, "linear"))
    if inner:
        measured = directions(inner, parameters)
        found += _classify(measured, scale, _low_precision(inner), _whole(inner, measured))
    return found


def _whole(addends: Sequence[Addend], directions: Sequence[Direction]) -> _Whole:
    total = math.sqrt(sum(d.length**2 for d in directions))
    worth = _worth(addends)
    degree = sum(_fit(d.gradient, d.weight)[0] * d.length**2 for d in directions) / worth if worth else None
    custom = any(isinstance(addend.node, torch.autograd.function.BackwardCFunction) for addend in addends)
    return _Whole(total, sum(d.product for d in directions), degree, custom)


def _worth(addends: Sequence[Addend]) -> float | None:
    """What the addends contribute to the loss; None where one of them is no scalar."""
    total = 0.0
    for addend in addends:
        if addend.value is None or addend.cotangent.numel() != 1:
            return None
        total += float(addend.cotangent.detach()) * float(addend.value)
    return total


def rescaled(found: Found, ratio: float) -> Found:
    """The same penalty with a factor that is `ratio` times as large."""
    coefficient = None if found.coefficient is None else found.coefficient * ratio
    return replace(found, coefficient=coefficient, norm=found.norm * abs(ratio))


def _low_precision(addends: Sequence[Addend]) -> torch.dtype | None:
    """bf16 or fp16 somewhere at the top of the term (autocast) limits what its gradient can show."""
    for addend in addends:
        seen: set[Any] = set()
        todo = [addend.node]
        while todo and len(seen) < 50:
            node = todo.pop()
            if node in seen or hasattr(node, "variable"):
                continue
            seen.add(node)
            for meta in node._input_metadata:
                if meta.dtype in (torch.bfloat16, torch.float16):
                    return meta.dtype  # type: ignore[no-any-return]
            todo.extend(nxt for nxt, _ in node.next_functions if nxt is not None)
    return None


def _classify(directions: list[Direction], scale: float, low_precision: torch.dtype | None, whole: _Whole) -> list[Found]:
    loose = TOLERANCE.get(low_precision, 0.0) if low_precision is not None else 0.0
    found = []
    for d in directions:
        norm = d.pull
        bent = 0.0 if d.curved is None else float(d.curved.norm())
        if norm == 0.0 and bent == 0.0:
            continue  # reached, but switched off (a coefficient of zero) or at the kink of an l1 term
        form, coefficient, description, residual = _one(d, max(d.tolerance, loose), whole)
        shown = None if coefficient is None else coefficient / scale
        found.append(Found(d.position, form, shown, norm / scale, description, residual))
    return _pooled(found)


def _one(d: Direction, tolerance: float, whole: _Whole) -> tuple[str, float | None, str, float]:
    """(form, coefficient, description, residual) of one parameter's part."""
    weight, gradient, curved = d.weight, d.gradient, d.curved
    size = float(gradient.norm())
    along, miss = _fit(gradient, weight)
    signed, sign_miss = _fit(gradient, weight.sign())
    if curved is None:
        return _without_curvature(d, (along, miss), (signed, sign_miss), tolerance, whole)
    bend, bend_miss = _fit(curved, d.probe)
    flat = float(curved.norm()) <= tolerance * max(size, 1e-30)
    if not flat and bend_miss <= tolerance:
        gap = float((gradient - bend * weight).norm())
        if gap <= 3.0 * tolerance * max(abs(bend) * float(weight.norm()), 1e-30) or (gap == 0.0):
            return "l2", bend, "", bend_miss
        return "other", None, "l2 around a reference", bend_miss
    if flat and sign_miss <= tolerance:
        return "l1", signed, "", sign_miss
    if flat and miss <= tolerance and whole.custom:
        # a gradient along w that does not change with w: a once_differentiable function, which hands out no graph
        return _without_curvature(d, (along, miss), (signed, sign_miss), tolerance, whole)
    if miss <= tolerance:
        made = _norm_like(d, along, tolerance, whole)
        if made is not None:
            return made
    ratio = curved / d.probe
    if float((gradient - ratio * weight).norm()) <= 3.0 * tolerance * max(size, 1e-30) and size > 0.0:
        partial = torch.isclose(ratio, ratio.max(), rtol=1e-4) | (ratio.abs() <= 1e-4 * ratio.abs().max())
        return "other", None, "l2 on part of the elements" if bool(partial.all()) else "weighted l2", 0.0
    return "other", None, "penalty", min(miss, sign_miss)


def _norm_like(d: Direction, along: float, tolerance: float, whole: _Whole) -> tuple[str, float | None, str, float] | None:
    """Gradient ∝ w and not quadratic: λ‖w‖ of this parameter alone, or of all of them together."""
    assert d.curved is not None
    # H·v = a·(v − ŵ(ŵ·v)) with a the factor of the gradient: what is missing of a·v lies along w
    bend, miss = _fit(along * d.probe - d.curved, d.weight)
    if miss > 10.0 * tolerance:
        return None
    for length, product, description in ((d.length, d.product, ""), (whole.total, whole.joint, "joint norm")):
        expected = along * product / length**2
        # a percent: torch's float32 norms of many elements are off by thousandths, and the cube of one stands in here
        if abs(bend - expected) <= max(1e-2, 10.0 * tolerance) * abs(expected):
            return "norm", along * length, description, 0.0
    return None


def _without_curvature(
    d: Direction, along: tuple[float, float], signed: tuple[float, float], tolerance: float, whole: _Whole
) -> tuple[str, float | None, str, float]:
    """Only the gradient is known, (factor, residual) along w and sign(w): ∝ w is ½λ‖w‖² or λ‖w‖, told apart by the degree alone."""
    if d.weight.numel() > 1 and signed[1] <= tolerance < along[1]:
        return "l1", signed[0], "", signed[1]
    if d.weight.numel() > 1 and along[1] <= tolerance:
        if whole.degree is not None and abs(whole.degree - 2.0) < 1e-2:
            return "l2", along[0], "no second derivative", along[1]
        if whole.degree is not None and abs(whole.degree - 1.0) < 1e-2 and whole.total == d.length:
            return "norm", along[0] * d.length, "no second derivative", along[1]
        return "other", None, "along w, without a second derivative to tell w from w/‖w‖", along[1]
    return "other", None, "penalty", min(along[1], signed[1])


def _fit(target: torch.Tensor, direction: torch.Tensor) -> tuple[float, float]:
    """Least squares `target ≈ a·direction`: (a, residual relative to target); residual inf where there is nothing to fit."""
    square = float((direction * direction).sum())  # not a @ b: BLAS would share out 4,096 products among threads
    size = float(target.norm())
    if square == 0.0 or size == 0.0:
        return 0.0, float("inf")
    a = float((direction * target).sum()) / square
    return a, float((target - a * direction).norm()) / size


def _pooled(found: list[Found]) -> list[Found]:
    """A one-element parameter cannot tell λ|w| from λ‖w‖: it follows its siblings of the same penalty."""
    if any(f.form == "norm" for f in found):
        return [Found(f.position, "norm", f.coefficient, f.norm, f.description) if f.form == "l1" else f for f in found]
    return found
