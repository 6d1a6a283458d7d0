"""The optimizer laboratory: how an optimizer, seen as a black box, applies weight decay.

A clone of the live optimizer steps small float64 parameters with prescribed weights W_k and gradients G_k. Equivalences
decide, not names: with the option λ off, does G + λW give the same updates (coupled)? Does the effect of the option equal
-κ·W_k step by step (decoupled)? A hidden decay without an option is looked for by setting the weights to zero instead.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from reglint.probe.clone import Clone

OPTIONS = ("weight_decay", "l2", "wd", "weight_decay_rate", "decay", "l2_reg")
_EXACT = 1e-6  # of the effect
_ROUGH = 1e-3  # where the optimizer computes in float32 inside
_HIDDEN = "no option sets it"
_FALLBACK_RATE = 1e-2  # stands in for a learning rate of zero (first warm-up step)


@dataclass(frozen=True, slots=True)
class Law:
    """How decay acts on parameters of one shape class.

    `kind`: none, linear (stateless: coupled and decoupled are the same map), coupled, decoupled, normalised (no single λ),
    l1, unknown. `decay` is λ (in front of w in the gradient; for decoupled κ = η·λ), `kappa` the shrink per step where one
    exists. `option` names the option it follows, empty for a hidden one. `residual` is relative to the effect.
    `elementwise`: each element's update depends on that element alone, so a sample can be replayed.
    """

    kind: str
    decay: float | None
    kappa: float | None = None
    option: str = ""
    residual: float = 0.0
    elementwise: bool = False
    remark: str = ""


class Unmeasurable(Exception):
    """The optimizer does not run on synthetic parameters."""


def number(value: Any) -> float | None:
    """An option as a float (tensor learning rates included), None for anything else."""
    if isinstance(value, torch.Tensor):
        return float(value) if value.numel() == 1 else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class Laboratory:
    """Experiments on one parameter group with the options it had at the step."""

    def __init__(self, optimizer: Any, group: Mapping[str, Any], shape: tuple[int, ...]) -> None:
        self.optimizer = optimizer
        self.group = dict(group)
        for switch in ("fused", "capturable"):
            if self.group.get(switch):
                self.group[switch] = False  # kernels, not arithmetic
        if number(self.group.get("lr")) == 0.0:
            self.group["lr"] = _FALLBACK_RATE
        self.lr = number(self.group.get("lr")) or 1.0
        self.shape = shape
        self.weights = [_spread(shape, 3 * k) for k in range(12)]
        self.gradients = [_spread(shape, 3 * k + 1) * 0.7 for k in range(12)]

    def run(self, changes: Mapping[str, Any], weights: Any, gradients: Any, steps: int = 4) -> list[torch.Tensor]:
        """Updates of `steps` steps with options changed; random streams are as before afterwards."""
        streams = torch.get_rng_state(), random.getstate()
        torch.manual_seed(0)
        random.seed(0)
        try:
            clone = Clone(self.optimizer, {**self.group, **changes}, weights[0])
            return [clone.step(weights[k], gradients[k]) for k in range(steps)]
        except Exception as error:  # a third-party optimizer may refuse anything; then nothing is said about it
            raise Unmeasurable(f"{type(self.optimizer).__name__}: {type(error).__name__}: {error}") from error
        finally:
            torch.set_rng_state(streams[0])
            random.setstate(streams[1])

    def law(self) -> Law:
        """The law of decay on this group and shape."""
        elementwise = self._elementwise()
        for option in OPTIONS:
            strength = number(self.group.get(option))
            if strength:
                made = self._by_option(option, strength)
                rest = self._hidden({option: 0.0}) if made.kind in ("none", "linear", "coupled") else None
                return _with(_joined(made, rest), elementwise)
        return _with(self._hidden({}), elementwise)

    def _elementwise(self) -> bool:
        wide = (*self.shape[:-1], 2 * self.shape[-1])
        doubled = [torch.cat([w, _spread(self.shape, 50 + k)], -1) for k, w in enumerate(self.weights)]
        steeper = [torch.cat([g, 5.0 * _spread(self.shape, 80 + k)], -1) for k, g in enumerate(self.gradients)]
        assert doubled[0].shape == wide
        alone, together = self.run({}, self.weights, self.gradients), self.run({}, doubled, steeper)
        width = self.shape[-1]
        return all(bool(torch.allclose(a, b[..., :width], rtol=1e-9, atol=1e-15)) for a, b in zip(alone, together, strict=True))

    def _by_option(self, option: str, strength: float) -> Law:
        weights, gradients = self.weights, self.gradients
        on, off = self.run({}, weights, gradients), self.run({option: 0.0}, weights, gradients)
        steps = 4
        if _size(_gap(on, off)) == 0.0:  # some optimizers sleep through their first steps
            steps = 12
            on, off = self.run({}, weights, gradients, steps), self.run({option: 0.0}, weights, gradients, steps)
        effect = _size(_gap(on, off))
        if effect == 0.0:
            return Law("none", 0.0, option=option, remark=f"{option} is set and has no effect")
        sign = -1.0 if self.group.get("maximize") else 1.0
        pushed = [g + sign * strength * w for g, w in zip(gradients, weights, strict=True)]
        coupled = _size(_gap(self.run({option: 0.0}, weights, pushed, steps), on)) / effect
        nothing = [torch.zeros_like(w) for w in weights]
        at_zero = _gap(self.run({}, nothing, gradients, steps), self.run({option: 0.0}, nothing, gradients, steps))
        direct = _gap(_gap(on, off), at_zero)
        kappa, miss = _shrink(direct, weights)
        if coupled < _EXACT:
            kind = "linear" if miss < _EXACT else "coupled"
            return Law(kind, strength, kappa if kind == "linear" else None, option, coupled)
        if miss < _ROUGH:
            return Law("decoupled", _snapped(kappa / self.lr, strength), kappa, option, miss, remark=self._follows(kappa))
        if coupled < _ROUGH:
            return Law("coupled", strength, None, option, coupled)
        return Law("normalised", None, None, option, min(coupled, miss), remark="decay present, not reducible to one number")

    def _follows(self, kappa: float) -> str:
        """Does the shrink κ follow the learning rate (κ = η·λ)? If not, it stays when a scheduler lowers η: worth saying."""
        double = {"lr": 2.0 * self.lr}
        nothing = [torch.zeros_like(w) for w in self.weights]
        moved = _gap(self.run(double, self.weights, nothing), self.run(double, nothing, nothing))
        twice, miss = _shrink(moved, self.weights)
        unmoved = miss < _ROUGH and abs(twice / kappa - 1.0) < _ROUGH
        return "the shrink does not follow the learning rate" if unmoved else ""

    def _hidden(self, off: Mapping[str, Any]) -> Law:
        """Decay without an option: compare the updates at W with those at zero weights."""
        weights, gradients = self.weights, self.gradients
        nothing = [torch.zeros_like(w) for w in weights]
        here, origin = self.run(off, weights, gradients), self.run(off, nothing, gradients)
        effect = _size(_gap(here, origin))
        scale = max(_size(here), 1e-300)
        if effect <= 1e-13 * max(scale, _size(weights)):
            if _size(self.run(off, weights, nothing)) == 0.0 or float(self.gradients[0].abs().max()) < 1e-3:
                return Law("none", 0.0)
            self.gradients = [1e-4 * g for g in gradients]  # a sign hides λ·w behind larger gradients
            return self._hidden(off)
        kappa, miss = _shrink(_gap(here, origin), weights)
        strength = self._coupled_strength(off, here, origin)
        if strength is not None:
            kind = "linear" if miss < _EXACT else "coupled"
            return Law(kind, strength, kappa if kind == "linear" else None, remark=_HIDDEN)
        if miss < _ROUGH:
            return Law("decoupled", kappa / self.lr, kappa, residual=miss, remark=_HIDDEN)
        still = self.run(off, weights, nothing)
        if _size(still) <= 1e-12 * _size(weights[:4]):
            return Law("none", 0.0, remark="the step scales with the weights, without pulling at them")
        pulled, rest = _pull(still, weights)
        if rest < _EXACT:
            return Law("l1", pulled / self.lr, residual=rest, remark=_HIDDEN)
        return Law("unknown", None, residual=miss, remark="the update depends on the weights in a way that is no decay")

    def _coupled_strength(self, off: Mapping[str, Any], here: Any, origin: Any) -> float | None:
        """λ with Δ(W, G) = Δ(0, G + λW), by secant search on the first step's change; None if there is none."""
        nothing = [torch.zeros_like(w) for w in self.weights]
        sign = -1.0 if self.group.get("maximize") else 1.0

        def at(strength: float) -> list[torch.Tensor]:
            return self.run(off, nothing, [g + sign * strength * w for g, w in zip(self.gradients, self.weights, strict=True)])

        target = _gap(here, origin)
        effect = _size(target)
        guess = 1e-4
        for _ in range(12):
            pushed = _gap(at(guess), origin)
            along = sum(float((p * t).sum()) for p, t in zip(pushed, target, strict=True))
            square = sum(float((p * p).sum()) for p in pushed)
            if square == 0.0 or along <= 0.0:
                return None
            if _size(_gap(pushed, target)) < _EXACT * effect:
                return guess
            ratio = along / square
            if abs(ratio - 1.0) < 1e-12:
                return None
            guess *= ratio
            if guess > 1e6:
                return None
        return None


def _snapped(value: float, option: float) -> float:
    """The option's own digits where the measurement agrees with it."""
    return option if abs(value - option) <= 1e-5 * abs(option) else value


def _with(law: Law, elementwise: bool) -> Law:
    return Law(law.kind, law.decay, law.kappa, law.option, law.residual, elementwise, law.remark)


def _joined(law: Law, hidden: Law | None) -> Law:
    """An option and a hidden decay of the same kind add (ASGD: weight_decay and lambd)."""
    if hidden is None or hidden.kind in ("none", "unknown") or hidden.decay is None or law.decay is None:
        return law
    if hidden.kind == law.kind or law.kind == "none":
        kappa = None if law.kappa is None and hidden.kappa is None else (law.kappa or 0.0) + (hidden.kappa or 0.0)
        return Law(
            hidden.kind, law.decay + hidden.decay, kappa, law.option, hidden.residual, False, f"{hidden.decay:g} of it without an option"
        )
    return law


def _spread(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Fixed irregular values of mixed sign whose magnitudes spread over two decades, in float64; no random stream touched."""
    count = 1
    for size in shape:
        count *= size
    index = torch.arange(1, count + 1, dtype=torch.float64)
    value = torch.sin(index * 12.9898 + seed * 78.233) * 43758.5453
    value = 2.0 * (value - value.floor()) - 1.0
    return (value.sign() * 10.0 ** (2.0 * value.abs() - 1.5)).reshape(shape)


def _gap(one: list[torch.Tensor], other: list[torch.Tensor]) -> list[torch.Tensor]:
    return [a - b for a, b in zip(one, other, strict=True)]


def _size(parts: list[torch.Tensor]) -> float:
    return math.sqrt(sum(float(part.square().sum()) for part in parts))


def _shrink(change: list[torch.Tensor], weights: list[torch.Tensor]) -> tuple[float, float]:
    """(κ, residual) of change_k = -κ·w_k with one κ for all steps; steps before the first effect are left out."""
    pairs = [(c, w) for c, w in zip(change, weights, strict=False) if float(c.abs().max()) > 0.0]
    return _common([(c, w) for c, w in pairs])


def _pull(change: list[torch.Tensor], weights: list[torch.Tensor]) -> tuple[float, float]:
    return _common([(c, w.sign()) for c, w in zip(change, weights, strict=False)])


def _common(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, float]:
    square = sum(float(w.square().sum()) for _, w in pairs)
    total = sum(float(c.square().sum()) for c, _ in pairs) ** 0.5
    if square == 0.0 or total == 0.0:
        return 0.0, float("inf")
    kappa = -sum(float((c * w).sum()) for c, w in pairs) / square
    rest = sum(float((c + kappa * w).square().sum()) for c, w in pairs) ** 0.5
    return kappa, rest / total


def measure(optimizer: Any, group: Mapping[str, Any], dimensions: int) -> Law:
    """The law for parameters with so many dimensions; `unknown` with the reason where the optimizer cannot be run alone."""
    versions = [p._version for group in optimizer.param_groups for p in group["params"]]
    try:
        return _measured(optimizer, group, dimensions)
    finally:
        if versions != [p._version for group in optimizer.param_groups for p in group["params"]]:
            raise RuntimeError(f"{type(optimizer).__name__}: the laboratory changed the program's own parameters")


def _measured(optimizer: Any, group: Mapping[str, Any], dimensions: int) -> Law:
    shape = {0: (6,), 1: (6,), 2: (7, 5), 3: (4, 3, 3)}.get(dimensions, (4, 3, 3, 3))
    try:
        with torch.enable_grad():
            return Laboratory(optimizer, group, shape).law()
    except Unmeasurable as error:
        return Law("unknown", None, remark=str(error))
