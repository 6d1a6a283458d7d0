"""What the probe measured, as plain data: made in the process that trains, read in the one that reports. No torch here.

Rows count from 1. A coefficient is the number in front of w, w/‖w‖ or sign(w) in the gradient of one whole step, freed from
the scale of a GradScaler.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

VERSION = 1
LOOSE = -2  # as ParameterFact.model: an nn.Parameter in no module that was called; -1 is a plain tensor


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of the user's program; the path is absolute."""

    path: str
    row: int


@dataclass(frozen=True, slots=True)
class PenaltyFact:
    """One parameter-only addend of the loss. `form` is l2, norm, l1 or other, `description` names special ones.

    `backwards` counts how often per step it was back-propagated, `coefficient` is the total.
    """

    form: str
    coefficient: float | None
    over: tuple[str, ...]
    spot: Spot | None
    join: Spot | None
    description: str = ""
    backwards: int = 1
    norm: float = 0.0


@dataclass(frozen=True, slots=True)
class DataFact:
    """One data term with its reduction: mean, sum, batchmean or unknown; `text` says it with the factors.

    `backwards`: the passes it stands in, `terms`: how often in one of them, `weighted`: its elements have factors besides.
    """

    operation: str
    reduction: str
    text: str
    spot: Spot | None
    again: bool = False
    element: float | None = None
    elements: int = 0
    backwards: int = 1
    terms: int = 1
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A change between two stages: none, scale, clamp, pull (adds `pull`·w or ·sign(w), by `form`), replaced, lost, ranks, unexplained.

    `signed`: what a pull along sign(w) would have to be, where all |w| are equal and nothing tells it from one along w.
    """

    kind: str = "none"
    factor: float = 1.0
    bound: float | None = None
    pull: float = 0.0
    residual: float = 0.0
    form: str = "l2"
    signed: float | None = None


@dataclass(frozen=True, slots=True)
class LawFact:
    """How the optimizer decays parameters of one shape class; see laboratory.Law."""

    kind: str
    decay: float | None
    kappa: float | None = None
    option: str = ""
    residual: float = 0.0
    elementwise: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class MemberFact:
    """One parameter in one step. `gradient` is data, zero, none or not-finite.

    `gap` is the largest distance of the replayed update from the real one in units of what rounding allows (`floor`
    is that allowance, `residual` the distance, both relative to the update); None where no replay was possible.
    `without_decay`: what the residual would be if the decay option were 0, None where there is none.
    `fresh`: a backward pass reached it since the step before. `update`: ‖Δw‖/‖w‖ of the step, None where it was not taken whole.
    """

    name: str
    gradient: str
    before_norm: float
    after_norm: float
    moved: bool
    change: ChangeFact
    outside: ChangeFact
    law: LawFact
    gap: float | None = None
    residual: float | None = None
    floor: float | None = None
    without_decay: float | None = None
    carried: bool = False
    fresh: bool = True
    samples: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    update: float | None = None


@dataclass(frozen=True, slots=True)
class GroupFact:
    """One parameter group with the options it had at the step (numbers and flags as floats); `inherited` has no key of its own."""

    options: dict[str, float]
    inherited: tuple[str, ...]
    members: tuple[MemberFact, ...]


@dataclass(frozen=True, slots=True)
class StepFact:
    """One step of one optimizer, or of a hand-written update (`kind` is then `by hand`).

    `earlier`: how many backward passes the program had made before it, of whatever kind.
    """

    optimizer: int
    kind: str
    built: Spot | None
    spot: Spot | None
    number: int
    groups: tuple[GroupFact, ...]
    penalties: tuple[PenaltyFact, ...]
    data: tuple[DataFact, ...]
    backwards: int
    backward_spot: Spot | None = None
    loss: float | None = None
    closures: int = 0
    earlier: int = 0
    default_decay: float | None = None
    adaptive: bool = False


@dataclass(frozen=True, slots=True)
class ParameterFact:
    """A parameter of a model that was trained; `role` as in step.model.Role."""

    name: str
    role: str
    uid: int
    ndim: int
    numel: int
    dtype: str
    trainable: bool
    layer: str
    model: int
    owned: bool
    reached: bool
    norm: float


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen that is a mistake by itself: `code` is the rule's, `names` are what it is about."""

    code: str
    spot: Spot | None
    message: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything one process measured."""

    outcome: str
    torch: str
    device: str
    steps: tuple[StepFact, ...] = ()
    parameters: tuple[ParameterFact, ...] = ()
    observations: tuple[Observation, ...] = ()
    limits: tuple[str, ...] = ()
    backwards: int = 0
    evaluations: int = 0
    rank: int = 0
    ranks: int = 1
    message: str = ""
    failures: tuple[str, ...] = ()
    version: int = field(default=VERSION)


def to_plain(trace: Trace) -> dict[str, Any]:
    """The trace as dicts, lists and numbers."""
    return dataclasses.asdict(trace)
