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
from torch.autograd.graph import GradientEdge

from reglint.probe import samples
from reglint.probe.hooks import silenced
from reglint.probe.split import Addend

CURVATURE_LIMIT = 30_000_000  # elements; above it only gradients are taken
_TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 4e-3, torch.bfloat16: 2e-2}


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
class _Direction:
    """Samples of weights, gradient and curvature of one parameter in float64; `curved` None where it could not be had.

    `length` is ‖w‖, `product` w·v with the probe direction v, `pull` the norm of the gradient, all over the whole parameter.
    """

    position: int
    weight: torch.Tensor
    gradient: torch.Tensor
    probe: torch.Tensor
    curved: torch.Tensor | None
    tolerance: float
    length: float
    product: float
    pull: float


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
        directions = _directions(inner, parameters)
        found += _classify(directions, scale, low_precision=_low_precision(inner))
    return found


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


def _directions(addends: Sequence[Addend], parameters: Sequence[torch.Tensor]) -> list[_Direction]:
    """Gradient of the addends and its derivative along a fixed direction, for the parameters that they reach."""
    outputs = [GradientEdge(addend.node, addend.number) for addend in addends]
    cotangents = [addend.cotangent for addend in addends]
    small = sum(p.numel() for p in parameters) <= CURVATURE_LIMIT
    with silenced(parameters), torch.enable_grad():
        gradients = torch.autograd.grad(outputs, parameters, cotangents, retain_graph=True, create_graph=small, allow_unused=True)
        reached = [(i, p, g) for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)) if g is not None]
        probes = [_probe_direction(p) for _, p, _ in reached]
        curved: Sequence[torch.Tensor | None] = [None] * len(reached)
        if small:
            curved = _curvature([g for _, _, g in reached], [p for _, p, _ in reached], probes)
    made = []
    for (index, parameter, gradient), probe, curve in zip(reached, probes, curved, strict=True):
        gradient = gradient.to_dense() if gradient.is_sparse else gradient
        where = samples.places(parameter)
        made.append(
            _Direction(
                index,
                samples.sample(parameter, where),
                samples.sample(gradient, where),
                samples.sample(probe, where),
                None if curve is None else samples.sample(curve, where),
                _TOLERANCE.get(parameter.dtype, 1e-4),
                _norm(parameter),
                float((parameter.detach() * probe).sum(dtype=torch.float64)),
                _norm(gradient),
            )
        )
    return made


def _norm(tensor: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.detach(), dtype=torch.float64))


def _probe_direction(parameter: torch.Tensor) -> torch.Tensor:
    """A fixed irregular direction, no random stream touched; its scale differs from the weights' on purpose."""
    count = torch.arange(parameter.numel(), device=parameter.device, dtype=torch.float32) % 8191
    return count.mul_(1.7).add_(0.3 * (parameter.numel() % 97)).cos_().add_(0.25).reshape(parameter.shape).to(parameter.dtype)


def _curvature(
    gradients: Sequence[torch.Tensor], parameters: Sequence[torch.Tensor], probes: Sequence[torch.Tensor]
) -> list[torch.Tensor | None]:
    curved = [(g, v) for g, v in zip(gradients, probes, strict=True) if g.requires_grad]
    if not curved:
        if any(g.grad_fn is not None for g in gradients):
            return [None] * len(parameters)
        return [torch.zeros_like(p) for p in parameters]
    try:
        products = torch.autograd.grad(
            [g for g, _ in curved], parameters, [v.to(g.dtype) for g, v in curved], retain_graph=True, allow_unused=True
        )
    except (RuntimeError, NotImplementedError):  # an operation without a second derivative: once_differentiable, compiled
        return [None] * len(parameters)
    return [torch.zeros_like(p) if h is None else h for p, h in zip(parameters, products, strict=True)]


def _classify(directions: list[_Direction], scale: float, low_precision: torch.dtype | None) -> list[Found]:
    loose = _TOLERANCE.get(low_precision, 0.0) if low_precision is not None else 0.0
    total = math.sqrt(sum(d.length**2 for d in directions))
    joint = sum(d.product for d in directions)
    found = []
    for d in directions:
        norm = d.pull
        bent = 0.0 if d.curved is None else float(d.curved.norm())
        if norm == 0.0 and bent == 0.0:
            continue  # reached, but switched off (a coefficient of zero) or at the kink of an l1 term
        form, coefficient, description, residual = _one(d, max(d.tolerance, loose), total, joint)
        shown = None if coefficient is None else coefficient / scale
        found.append(Found(d.position, form, shown, norm / scale, description, residual))
    return _pooled(found)


def _one(d: _Direction, tolerance: float, total: float, joint: float) -> tuple[str, float | None, str, float]:
    """(form, coefficient, description, residual) of one parameter's part."""
    weight, gradient, curved = d.weight, d.gradient, d.curved
    size = float(gradient.norm())
    along, miss = _fit(gradient, weight)
    signed, sign_miss = _fit(gradient, weight.sign())
    if curved is None:
        return _without_curvature(d, along, miss, signed, sign_miss, tolerance)
    bend, bend_miss = _fit(curved, d.probe)
    flat = float(curved.norm()) <= tolerance * max(size, 1e-30)
    if not flat and bend_miss <= tolerance:
        gap = float((gradient - bend * weight).norm())
        if gap <= 3.0 * tolerance * max(abs(bend) * float(weight.norm()), 1e-30) or (gap == 0.0):
            return "l2", bend, "", bend_miss
        return "other", None, "l2 around a reference", bend_miss
    if flat and sign_miss <= tolerance:
        return "l1", signed, "", sign_miss
    if miss <= tolerance:
        made = _norm_like(d, along, tolerance, total, joint)
        if made is not None:
            return made
    ratio = curved / d.probe
    if float((gradient - ratio * weight).norm()) <= 3.0 * tolerance * max(size, 1e-30) and size > 0.0:
        partial = torch.isclose(ratio, ratio.max(), rtol=1e-4) | (ratio.abs() <= 1e-4 * ratio.abs().max())
        return "other", None, "l2 on part of the elements" if bool(partial.all()) else "weighted l2", 0.0
    return "other", None, "penalty", min(miss, sign_miss)


def _norm_like(d: _Direction, along: float, tolerance: float, total: float, joint: float) -> tuple[str, float | None, str, float] | None:
    """Gradient ∝ w and not quadratic: λ‖w‖ of this parameter alone, or of all of them together."""
    assert d.curved is not None
    own = float(d.weight.norm())
    size = float(d.gradient.norm())
    for length, product, description in ((d.length, d.product, ""), (total, joint, "joint norm")):
        strength = along * length
        expected = strength / length * d.probe - strength * d.weight * product / length**3
        if float((d.curved - expected).norm()) <= 10.0 * tolerance * max(float(d.probe.norm()) * size / max(own, 1e-30), 1e-30):
            return "norm", strength, description, 0.0
    return None


def _without_curvature(
    d: _Direction, along: float, miss: float, signed: float, sign_miss: float, tolerance: float
) -> tuple[str, float | None, str, float]:
    """Only the gradient is known: ∝ w may be ½λ‖w‖² or λ‖w‖, told apart by nothing here, and said so."""
    if d.weight.numel() > 1 and sign_miss <= tolerance < miss:
        return "l1", signed, "", sign_miss
    if d.weight.numel() > 1 and miss <= tolerance:
        return "l2", along, "no second derivative", miss
    return "other", None, "penalty", min(miss, sign_miss)


def _fit(target: torch.Tensor, direction: torch.Tensor) -> tuple[float, float]:
    """Least squares `target ≈ a·direction`: (a, residual relative to target); residual inf where there is nothing to fit."""
    square = float(direction @ direction)
    size = float(target.norm())
    if square == 0.0 or size == 0.0:
        return 0.0, float("inf")
    a = float(direction @ target) / square
    return a, float((target - a * direction).norm()) / size


def _pooled(found: list[Found]) -> list[Found]:
    """A one-element parameter cannot tell λ|w| from λ‖w‖: it follows its siblings of the same penalty."""
    if any(f.form == "norm" for f in found):
        return [Found(f.position, "norm", f.coefficient, f.norm, f.description) if f.form == "l1" else f for f in found]
    return found
