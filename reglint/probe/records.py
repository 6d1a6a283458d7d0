"""What the recorder keeps of parameters, backward passes and steps: samples, never whole tensors."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from reglint.probe import forms, reduction, samples, stages

Place = tuple[str, int] | None


@dataclass(slots=True, eq=False)
class Tracked:
    """One parameter: samples at the stages of a step. `pure` is what autograd gave since the gradient was last cleared."""

    tensor: torch.Tensor
    positions: torch.Tensor | None
    pure: torch.Tensor | None = None
    raw_after: torch.Tensor | None = None
    weight: torch.Tensor | None = None
    stepped: bool = False
    fresh: bool = False
    carried: bool = False
    reached: bool = False
    owned: bool = False
    used: torch.Tensor | None = None  # the gradient after clipping, where no optimizer would show it
    since: int = 0  # the backward pass (by number) with which the present gradient began

    def gradient(self) -> torch.Tensor | None:
        """A sample of `.grad` as it is now."""
        grad = self.tensor.grad
        return None if grad is None else samples.sample(grad, self.positions)

    def clipped(self) -> None:
        """The gradient has just been clipped: a hand-written update uses it like this."""
        if not self.owned:
            self.used = self.gradient()

    def value(self) -> torch.Tensor:
        """A sample of the parameter as it is now."""
        return samples.sample(self.tensor, self.positions)


@dataclass(slots=True)
class Term:
    """A penalty seen in one backward pass, with its form on each parameter (by id)."""

    place: Place
    join: Place
    operation: str
    found: dict[int, forms.Found]


@dataclass(slots=True, eq=False)
class Backward:
    """One backward pass. `scale` is that of a GradScaler, `analysed` False where only its occurrence was noted."""

    place: Place
    scale: float = 1.0
    loss: float | None = None
    data: list[reduction.ReductionFound] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    analysed: bool = True

    def like(self, earlier: list[Backward]) -> None:
        """Not split: taken to be what the same line did before (accumulation over many micro-batches)."""
        self.analysed = False
        same = next((other for other in reversed(earlier) if other.analysed and other.place == self.place), None)
        if same is not None:
            self.data, self.terms = same.data, same.terms


@dataclass(slots=True, eq=False)
class Member:
    """One parameter in one step: samples before and after, and the optimizer state it started from."""

    tracked: Tracked
    before: torch.Tensor
    before_norm: float
    pure: torch.Tensor | None
    grad: torch.Tensor | None
    kind: str
    carried: bool
    fresh: bool
    state: dict[str, Any]
    after: torch.Tensor | None = None
    after_norm: float = 0.0
    moved: bool = False
    last_seen: torch.Tensor | None = None
    drifted: stages.Change = stages.NONE
    touched: stages.Change = stages.NONE


@dataclass(slots=True, eq=False)
class Manual:
    """Weights that moved between two backward passes without an optimizer: lists in the order of `moved`.

    `used` is the gradient that the update could see, `pure` what autograd gave.
    """

    place: Place
    backwards: list[Backward]
    moved: list[Tracked] = field(default_factory=list)
    before: list[torch.Tensor] = field(default_factory=list)
    after: list[torch.Tensor] = field(default_factory=list)
    used: list[torch.Tensor] = field(default_factory=list)
    pure: list[torch.Tensor] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Step:
    """One step of one optimizer (None for a hand-written update)."""

    optimizer: Any
    number: int
    place: Place
    groups: list[tuple[dict[str, Any], list[Member]]]
    backwards: list[Backward]
    earlier: int
    closures: int = 0
