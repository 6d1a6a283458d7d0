"""The step model: what one training step does to the parameters, the same for both witnesses.

The reader predicts a StepModel from events in source order, the probe measures one. Checks that carry `reads="step"`
run on either. Numbers carry their source; a number that is not known carries the reason.

    w <- w - lr * ( grad L_data + sum of penalty gradients + coupled * w )  -  lr * decoupled * w
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from reglint.source import Span


class Witness(enum.StrEnum):
    """Who says so: the reader (predicted from source) or the probe (measured in a real step)."""

    READER = "reader"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its source (`default of --wd at train.py:14`), or None with the reason in `source`.

    `adjustable`: whoever runs the program can set it without editing code. `span`: where the source is.
    """

    value: float | None
    source: str = ""
    adjustable: bool = False
    span: Span | None = None

    def __str__(self) -> str:
        return "?" if self.value is None else f"{self.value:g}"


class Role(enum.StrEnum):
    """What a parameter is for; decides whether decaying it is usual."""

    WEIGHT = "weight"
    BIAS = "bias"
    NORM = "norm"
    EMBEDDING = "embedding"
    PRELU = "prelu"
    SCALE = "scale"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a resolved model; `uid` is equal for the same tensor, `ndim` None where not known.

    `plain`: a tensor that asks for a gradient and is no nn.Parameter, so that no model has it.
    """

    name: str
    role: Role
    uid: int
    ndim: int | None = None
    trainable: bool = True
    layer: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class ParamSet:
    """Some parameters of one or more models.

    `members` is None where the model is not resolved; then `owners` (identities of the models) and `filtered`
    (a selection whose result is not known) are all that is known for sure, `seen` the members found nevertheless.
    `label` is how the source spells it, `selected_at` where a filter picked them.
    """

    label: str
    owners: frozenset[int] = frozenset()
    members: tuple[Parameter, ...] | None = None
    filtered: bool = False
    seen: tuple[Parameter, ...] = ()
    selected_at: Span | None = None

    def overlaps(self, other: ParamSet) -> bool | None:
        """Do the sets share a parameter? None where that is not known."""
        if self.members is not None and other.members is not None:
            return bool({p.uid for p in self.members} & {p.uid for p in other.members})
        if not (self.owners & other.owners):
            return None
        return None if self.filtered and other.filtered else True


class DecayKind(enum.StrEnum):
    """How an optimizer applies weight_decay: to the gradient, to the weight itself, or not at all."""

    COUPLED = "coupled"
    DECOUPLED = "decoupled"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ParamGroup:
    """One parameter group with all its options; `inherited` names those it took from the optimizer's defaults."""

    params: ParamSet
    options: Mapping[str, Number]
    inherited: frozenset[str] = frozenset()
    span: Span | None = None
    decay: DecayKind = DecayKind.UNKNOWN


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer as built. `kind` is the canonical name (`torch.optim.AdamW`), adaptive means it divides by a root of moments."""

    uid: int
    kind: str
    groups: tuple[ParamGroup, ...]
    span: Span
    adaptive: bool = False
    default_decay: float | None = 0.0

    @property
    def short(self) -> str:
        """The class name alone: `AdamW`."""
        return self.kind.rpartition(".")[2]


class PenaltyForm(enum.StrEnum):
    """The shape of a penalty term c·f(w), with its gradient."""

    L2 = "l2"  # Σw², gradient 2c·w
    NORM = "norm"  # Σ‖w‖, gradient c·w/‖w‖
    L1 = "l1"  # Σ|w|, gradient c·sign(w)
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Penalty:
    """A term c·f(w) of the objective. For L2 the coefficient is that of Σw², so ½λΣw² has λ/2.

    `connected`: its gradient reaches the parameters. `per_sample`: it is added once for each sample,
    so that c holds their number.
    `described_as`: the word the code uses for it (`l2`, `reg`, `decay`), lower case. `added_at`: where it joins the loss.
    `centred`: it pulls towards 0, not towards other weights.
    """

    form: PenaltyForm
    coefficient: Number
    over: ParamSet
    span: Span
    connected: bool = True
    per_sample: bool = False
    described_as: str = ""
    added_at: Span | None = None
    centred: bool = True


class Reduction(enum.StrEnum):
    """How a loss over many elements becomes one number."""

    MEAN = "mean"
    SUM = "sum"
    BATCH_MEAN = "batchmean"  # sum over all but the batch, mean over the batch
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DataTerm:
    """One data term of the objective with the factor in front of it."""

    name: str
    reduction: Reduction
    scale: Number
    span: Span
    averaged_again: Span | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """The scalar that is back-propagated, split into addends; `unknown` gives the reason for each addend not understood."""

    data: tuple[DataTerm, ...]
    penalties: tuple[Penalty, ...]
    unknown: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class StepModel:
    """One training step: an optimizer and the objectives whose gradients it applies."""

    optimizer: Optimizer
    objectives: tuple[Objective, ...]
    span: Span
    witness: Witness = Witness.READER
    facts: Mapping[str, object] = field(default_factory=dict)
