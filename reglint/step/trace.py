"""What happens in one run of a root, in order: the events from which step models are made and on which order checks run."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from reglint.records import record
from reglint.source import Place
from reglint.step.conditions import decided
from reglint.step.model import Optimizer, Parameter, ParamSet, PenaltyForm, Reduction, StepModel
from reglint.step.values import Value


@record()
class Guard:
    """A condition under which an event happens. `default`: the outcome with default options, None where not known.

    `test` is what was tested, None where several conditions were joined.
    """

    key: Hashable
    outcome: bool
    text: str = ""
    default: bool | None = None
    test: Value | None = field(default=None, compare=False)


@record()
class Loop:
    """One of the two evaluated iterations of a loop. `over`: epochs, batches, parameters or other; `loaders` it runs over."""

    uid: int
    iteration: int
    over: str
    place: Place
    loaders: frozenset[int] = frozenset()


@record()
class Frame:
    """A function being evaluated; `call` is where it was called from, None for a root."""

    path: str
    name: str
    call: Place | None
    uid: int
    hook: bool = False
    module: int = 0


@record()
class Context:
    """Where in the run an event happens. `grad`: is autograd recording? None where not known."""

    order: int
    guards: tuple[Guard, ...]
    loops: tuple[Loop, ...]
    frames: tuple[Frame, ...]
    grad: bool | None

    def excludes(self, other: Context) -> bool:
        """Can the two never happen in the same run, because a condition differs? Loop iterations are not considered."""
        mine = [(g.key, g.outcome) for g in self.guards]
        return bool(mine) and any(decided(g.key, mine) not in (None, g.outcome) for g in other.guards)

    @property
    def function(self) -> str:
        """Qualified name of the innermost function, empty at the top level."""
        return self.frames[-1].name if self.frames else ""

    @property
    def by_default(self) -> bool:
        """Does this happen with default options, as far as options decide?"""
        return all(g.default is None or g.default == g.outcome for g in self.guards)


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer of a model: `path` as in state_dict, `rate` of a dropout, `training` its mode at that moment.

    `called`: some forward was seen to use it. `frozen`: it has parameters and none of them asks for a gradient.
    """

    kind: str
    path: str
    uid: int
    rate: Value | None
    training: bool | None
    place: Place | None
    tracks_statistics: bool = True
    called: bool = True
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """A model as it was at one moment. `resolved`: every submodule is known. `mode_place`: the last mode switch.

    `custom_mode`: the class overrides train() or eval(); `reads_training`: a forward asks self.training.
    """

    uid: int
    label: str
    class_name: str
    resolved: bool
    layers: tuple[LayerInfo, ...]
    parameters: tuple[Parameter, ...] | None
    place: Place | None
    training: bool | None
    mode_place: Place | None = None
    reads_training: bool = False
    owned: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Event:
    """Base: something that matters to training happened at `place`."""

    context: Context
    place: Place


@dataclass(frozen=True, slots=True)
class LibraryCall(Event):
    """A call of a known library function or class. `arguments` are bound by name where the signature is known.

    `inside` is the module whose method makes the call, if any. `extra`: `*args` or `**kwargs` of unknown content were passed.
    `gated`: the calling function has a parameter for the mode, or its class asks self.training.
    """

    name: str
    positional: tuple[Value, ...]
    keywords: Mapping[str, Value]
    result: Value
    inside: ModuleInfo | None = None
    method: str = ""
    extra: bool = False
    gated: bool = False


@dataclass(frozen=True, slots=True)
class Mentioned(Event):
    """A LibraryCall in a branch that this run never takes: it says what the code holds, nothing about what happens."""

    name: str
    keywords: Mapping[str, Value]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class OptimizerBuilt(Event):
    """An optimizer was constructed, with its groups as of the end of the run.

    `unused` names lists of groups that stand beside it and that nothing reads.
    """

    optimizer: Optimizer
    parameters: Value
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LossComputed(Event):
    """A torch loss was applied. `built` is where its object was made, None for functions. `uid` that of the object."""

    name: str
    reduction: Reduction
    input: Value
    target: Value
    result: Value
    built: Place | None
    options: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ModeSet(Event):
    """train() or eval() of a module. `training` None where the argument is not known; `module` None for an unknown object."""

    module: ModuleInfo | None
    target: Value
    training: bool | None


@dataclass(frozen=True, slots=True)
class Forward(Event):
    """A model was called."""

    module: ModuleInfo
    result: Value
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Backward(Event):
    """Gradients were computed and added up in `.grad`. `scaler`: identity of the GradScaler the loss was scaled by, 0 for none.

    `seeded`: a gradient for the loss was given. `framework`: whose backward() it is, "" for torch's own; `divisor`: the number of
    accumulation steps that it divides the loss by.
    """

    loss: Value
    scaler: int = 0
    retain: bool = False
    seeded: bool = False
    framework: str = ""
    divisor: Value | None = None


@dataclass(frozen=True, slots=True)
class Stepped(Event):
    """An optimizer stepped. `optimizer` is its identity, 0 if unknown; `target` the value; `scaler` as in Backward."""

    optimizer: int
    target: Value
    scaler: int = 0
    closure: bool = False


@dataclass(frozen=True, slots=True)
class Cleared(Event):
    """Gradients were cleared: of an optimizer, a module or (kind gradient) a tensor (`target`); `uid` 0 if unknown."""

    uid: int
    target: Value
    kind: str = "optimizer"


@dataclass(frozen=True, slots=True)
class StateLoaded(Event):
    """load_state_dict() of a module, optimizer or scheduler; `uid` its identity."""

    uid: int
    target: Value


@dataclass(frozen=True, slots=True)
class Clipped(Event):
    """Gradients were clipped by norm or value. `exhausted`: the parameters were an iterator already used up."""

    name: str
    params: ParamSet | None
    target: Value
    limit: Value
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class Unscaled(Event):
    """scaler.unscale_(optimizer): gradients are divided by the scale; uids as in Stepped."""

    scaler: int
    optimizer: int


@dataclass(frozen=True, slots=True)
class PenaltyAdded(Event):
    """A penalty on parameters was added to something: to a loss (`to_loss`) or to a running sum. `described_as` as in Penalty.

    `unread`: the sum was bound to a name that nothing reads.
    """

    form: PenaltyForm
    over: ParamSet
    connected: bool
    to_loss: bool
    described_as: str
    result: Value
    base: Value
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Scheduled(Event):
    """A learning-rate scheduler stepped; `arguments` are those of step()."""

    scheduler: int
    kind: str
    optimizer: int
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class EpochSet(Event):
    """set_epoch() of a sampler, or of whatever it was called on."""

    target: Value


@dataclass(frozen=True, slots=True)
class Accumulated(Event):
    """`name += addend` with what may be a loss that is still attached to its graph; `before` is what the name stood for."""

    name: str
    addend: Value
    before: Value


@dataclass(frozen=True, slots=True)
class AssignedTooEarly(Event):
    """A submodule or parameter was assigned to a module whose nn.Module.__init__() has not run."""

    class_name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class ScalarIndexed(Event):
    """`loss[0]` or `loss.data[0]` of a loss that is reduced to one number."""


@dataclass(frozen=True, slots=True)
class Unregistered(Event):
    """At the end of the run: `module.attribute` is a plain container of modules, or a tensor that should be trained.

    `kinds` are the classes of its elements ("tensor" for a tensor), `params` their parameters; `called`: some forward used one.
    `literal`: how many elements the container is written with (`[module]`: 1), 0 where it is filled later.
    """

    module: ModuleInfo
    attribute: str
    kinds: tuple[str, ...]
    params: frozenset[int]
    called: bool
    value: Value
    literal: int = 0


@dataclass(frozen=True, slots=True)
class AttributeSet(Event):
    """`target.name = value`, for names that matter (grad, requires_grad and its misspellings, data, training).

    `params`: what the target is, where it is a parameter or a set of them.
    `from_parameter_alone`: the value is computed from parameters and numbers only, no gradient goes into it.
    """

    target: Value
    name: str
    value: Value
    augmented: bool
    on: str  # parameter, module, tensor or unknown
    params: ParamSet | None = None
    from_parameter_alone: bool = False


@dataclass(frozen=True, slots=True)
class DataRead(Event):
    """`target.data` was read, of a parameter or of what may be a tensor."""

    target: Value
    on: str  # parameter or tensor


@dataclass(frozen=True, slots=True)
class GradientRead(Event):
    """`tensor.grad` was read, or (`method`) one of its methods called."""

    target: Value
    method: str = ""


@dataclass(frozen=True, slots=True)
class GradientHook(Event):
    """A hook of a module or tensor was registered; the events between entering and leaving are what it does."""

    kind: str
    entering: bool


@dataclass(frozen=True, slots=True)
class Escaped(Event):
    """Models or optimizers (`uids`) were handed to code that cannot be followed: it may do anything to them."""

    uids: frozenset[int]


@dataclass(frozen=True, slots=True)
class SteppedByHand(Event):
    """A tensor was changed along its gradient without an optimizer: `target` becomes `target + change` (`- change` if `minus`)."""

    target: Value
    change: Value
    minus: bool


@dataclass(frozen=True, slots=True)
class Descended(Event):
    """`target = target - change` outside of torch, with a change that is computed from a product of data and the target itself."""

    target: Value
    change: Value


@dataclass(frozen=True, slots=True)
class Masked(Event):
    """A tensor was multiplied with random zeros and ones of its own shape. `gated`: in training only.

    `rescaled`: the class or file multiplies or divides by the probability somewhere, in training or at test time.
    """

    value: Value
    gated: bool
    rescaled: bool


@dataclass(frozen=True, slots=True)
class Blended(Event):
    """A parameter of `module` was mixed with one of another model, as a running average of that model does."""

    module: ModuleInfo
    target: Value
    source: Value


@dataclass(frozen=True, slots=True)
class StateRead(Event):
    """The buffers of a module were reached: by buffers(), state_dict() (`what`), its parts, or by the name of a statistic."""

    uid: int
    what: str


@dataclass(frozen=True, slots=True)
class Averaged(Event):
    """A running sum of losses was divided: `total / count`."""

    total: Value
    count: Value


@dataclass(frozen=True, slots=True)
class Logged(Event):
    """Losses were printed or handed to a logger; `values` are all that is shown."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """`function`, evaluated on its own without a caller, gave back `value`: nothing is known of what is done with it."""

    value: Value
    function: str


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Trace:
    """All events of one root in order. `complete` False: a budget ran out, so absence of an event proves nothing."""

    root: str
    path: str
    events: tuple[Event, ...]
    complete: bool
    speculative: bool = False
    steps: tuple[StepModel, ...] = ()

    def of(self, *kinds: type[E]) -> Iterator[E]:
        """The events of the given classes, in order."""
        return (e for e in self.events if isinstance(e, kinds))
