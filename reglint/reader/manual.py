"""Steps without an optimizer: `w -= lr * w.grad / batch_size` and its like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reglint.reader import modules, objective, split
from reglint.reader.domain import Each, Param, Params
from reglint.reader.machine import Machine
from reglint.reader.split import Factors
from reglint.step.model import DecayKind, Optimizer, ParamGroup, StepModel
from reglint.step.trace import Backward, SteppedByHand, Trace
from reglint.step.values import Const, Expr, Value

KIND = "by hand"
EXACT = frozenset({"items", "parameters"})  # loops that are followed from end to end
PASSING = frozenset({"same", "data", "detach", "detach_", "clone", "squeeze", "reshape", "view"})


@dataclass(slots=True)
class _Moved:
    """Some parameters moved along their gradients with the same factors."""

    event: SteppedByHand
    factors: Factors
    params: list[Param | Params]
    complete: bool


@dataclass(slots=True)
class _Window:
    """What is moved after one backward pass and before the next."""

    backwards: tuple[Backward, ...]
    moved: dict[object, _Moved] = field(default_factory=dict)


def steps(m: Machine, trace: Trace) -> Iterator[StepModel]:
    """A step model for each backward pass that an update by hand follows; passes of a loop that do the same are one."""
    seen: list[object] = []
    for window in _windows(m, trace):
        made = _step(m, trace, window)
        if made is None:
            continue
        does = (
            [objective.span for objective in made.objectives],
            [objective.penalties for objective in made.objectives],
            [(group.params, group.options) for group in made.optimizer.groups],
        )
        if does not in seen:
            seen.append(does)
            yield made


def _windows(m: Machine, trace: Trace) -> list[_Window]:
    found: list[_Window] = []
    pending: list[Backward] = []
    window: _Window | None = None
    for event in trace.of(Backward, SteppedByHand):
        if isinstance(event, Backward):
            pending = [event] if window is not None else [*pending, event]
            window = None
        elif isinstance(event, SteppedByHand):
            relevant = tuple(b for b in pending if not b.context.excludes(event.context))
            factors = along(m, event) if relevant else None
            if factors is None:
                continue
            if window is None:
                window = _Window(relevant)
                found.append(window)
            _add(m, window, event, factors)
    return found


def _add(m: Machine, window: _Window, event: SteppedByHand, factors: Factors) -> None:
    target = parameter(event.target)
    params = target.params if isinstance(target, Each) else target
    if params is None or any(params is p for moved in window.moved.values() for p in moved.params):
        return  # nobody knows what, or a later pass of the same loop
    outer = {loop.uid for loop in window.backwards[-1].context.loops}
    complete = not any(loop.over not in EXACT and loop.uid not in outer for loop in event.context.loops)
    at = (tuple((m.interner.key(value), power) for value, power in factors), complete)
    window.moved.setdefault(at, _Moved(event, factors, [], complete)).params.append(params)


def parameter(value: Value) -> Param | Each | None:
    """The parameter that `w`, `w.data` or a view of it is."""
    while isinstance(value, Expr) and value.args and (value.op in PASSING or (value.op == "attribute" and value.name == "data")):
        value = value.args[0]
    return value if isinstance(value, (Param, Each)) else None


def along(m: Machine, event: SteppedByHand) -> Factors | None:
    """The factors of `target -= factors * target.grad`; None for another change, or one that goes uphill."""
    target = parameter(event.target)
    factors = _factors(event.change, target) if target is not None else None
    if factors is None:
        return None
    negative = sum(isinstance(v, Const) and isinstance(v.value, (int, float)) and v.value < 0 for v, _ in factors) % 2 == 1
    if negative is event.minus:
        return None
    return ((Const(-1), 1), *factors) if negative else factors


def _factors(change: Value, target: Param | Each | None) -> Factors | None:
    if not isinstance(change, Expr) or not change.args:
        return None
    if change.op == "grad" or (change.op == "attribute" and change.name == "grad"):
        return () if parameter(change.args[0]) is target else None
    if change.op == "neg":
        inner = _factors(change.args[0], target)
        return (*inner, (Const(-1), 1)) if inner is not None else None
    if change.op in ("mul", "div") and len(change.args) == 2:
        left, right = change.args
        inner = _factors(left, target)
        if inner is not None:
            return (*inner, *_spread(right, 1 if change.op == "mul" else -1))
        inner = _factors(right, target) if change.op == "mul" else None
        return (*inner, *_spread(left, 1)) if inner is not None else None
    if change.op in PASSING or (change.op == "attribute" and change.name == "data"):
        return _factors(change.args[0], target)
    return None


def _spread(value: Value, power: int) -> Factors:
    """A product as its factors: `-lr / batch_size`."""
    if isinstance(value, Expr) and value.op == "neg":
        return ((Const(-1), 1), *_spread(value.args[0], power))
    if isinstance(value, Expr) and value.op in ("mul", "div") and len(value.args) == 2:
        return (*_spread(value.args[0], power), *_spread(value.args[1], power if value.op == "mul" else -power))
    return ((value, power),)


def _step(m: Machine, trace: Trace, window: _Window) -> StepModel | None:
    sizes = [_size(moved.factors) for moved in window.moved.values()]
    shared = len({m.interner.key(size[0]) if size is not None else None for size in sizes}) == 1
    divided = sizes[0] if shared else None
    groups = [g for moved in window.moved.values() if (g := _group(m, moved, divided is not None)) is not None]
    if not groups:
        return None
    first = next(iter(window.moved.values())).event
    optimizer = Optimizer(m.serial(), KIND, tuple(groups), first.place.span)
    objectives = split.objectives(m, window.backwards, (divided,) if divided is not None else ())
    facts = {"by_default": first.context.by_default, "complete": trace.complete}
    return StepModel(optimizer, objectives, first.place.span, facts=facts)


def _size(factors: Factors) -> tuple[Value, int] | None:
    """The batch size that the gradient is divided by."""
    return next((factor for factor in factors if factor[1] < 0 and objective.is_size(factor[0])), None)


def _group(m: Machine, moved: _Moved, divides: bool) -> ParamGroup | None:
    """The parameters that are moved with one rate; a division by the batch size is part of the objective, not of the rate."""
    size = _size(moved.factors) if divides else None
    params = objective.over_set(m, tuple(moved.params))
    over = modules.snapshot(m, params)
    if over is None:
        return None
    if not moved.complete:
        over = replace(over, members=None, filtered=True, seen=over.members or over.seen)
    rate = objective.product(tuple(f for f in moved.factors if f is not size))
    return ParamGroup(over, {"lr": rate}, frozenset(), moved.event.place.span, DecayKind.NONE)
