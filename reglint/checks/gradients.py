"""What happens to gradients, in order: the evidence that the rules about clearing, clipping, scaling and stepping share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from reglint.step.model import Optimizer, ParamSet
from reglint.step.trace import Cleared, Event, Guard, OptimizerBuilt, Stepped, Trace
from reglint.step.values import Expr, Phi, Value, number


def runs(trace: Trace) -> Iterator[list[Event]]:
    """The events that happen in one run: all of a script, those of each method where a class was read on its own."""
    if not trace.speculative:
        yield list(trace.events)
        return
    found: dict[int, list[Event]] = {}
    for event in trace.events:
        root = event.context.frames[0].uid if event.context.frames else 0
        found.setdefault(root, []).append(event)
    yield from found.values()


def together(*events: Event) -> bool:
    """Can all of them happen in the same run?"""
    return not any(a.context.excludes(b.context) for i, a in enumerate(events) for b in events[i + 1 :])


def between(events: Sequence[Event], first: Event, last: Event, *kinds: type[Event]) -> Iterator[Event]:
    """The events of some kinds after `first` and before `last`."""
    low, high = first.context.order, last.context.order
    return (e for e in events if low < e.context.order < high and (not kinds or isinstance(e, kinds)))


def before(events: Sequence[Event], event: Event, *kinds: type[Event]) -> Event | None:
    """The nearest earlier event of some kinds that can happen in the same run."""
    order = event.context.order
    return next((e for e in reversed(events) if e.context.order < order and isinstance(e, kinds) and together(e, event)), None)


def after(events: Sequence[Event], event: Event, *kinds: type[Event]) -> Event | None:
    """The nearest later event of some kinds that can happen in the same run."""
    order = event.context.order
    return next((e for e in events if e.context.order > order and isinstance(e, kinds) and together(e, event)), None)


def extra_guards(event: Event, than: Event) -> tuple[Guard, ...]:
    """The conditions of an event that another does not have."""
    theirs = {(g.key, g.outcome) for g in than.context.guards}
    return tuple(g for g in event.context.guards if (g.key, g.outcome) not in theirs)


MOST_CONDITIONS = 10  # the outcomes of more are not gone through


def implied(event: Event, *by: Event) -> bool:
    """Does the event happen whenever the others do? (Its conditions are all among theirs.)"""
    known = {(g.key, g.outcome) for e in by for g in e.context.guards}
    return all((g.key, g.outcome) in known for g in event.context.guards)


def in_every_pass(events: Iterable[Event], beside: Event) -> bool:
    """Does one of the events happen whenever another does? Together they may: each for one of the optimizers that a name stands for."""
    given = {g.key for g in beside.context.guards}
    conditions = [{g.key: g.outcome for g in e.context.guards if g.key not in given} for e in events]
    if len({key for one in conditions for key in one}) > MOST_CONDITIONS:
        return True  # for all one can tell
    return _whatever(conditions)


def _whatever(conditions: Sequence[Mapping[Hashable, bool]]) -> bool:
    if not conditions or not all(conditions):
        return bool(conditions)  # nothing happens, or something without a condition
    key = next(iter(conditions[0]))
    return all(
        _whatever([{k: o for k, o in one.items() if k != key} for one in conditions if one.get(key, outcome) is outcome])
        for outcome in (True, False)
    )


def counts_batches(guard: Guard) -> float | None:
    """The K of a condition such as `(i + 1) % K == 0`; 0 where K is not known, None where it is no such condition."""
    return _divisor(guard.test, 6)


def _divisor(value: Value | None, depth: int) -> float | None:
    if isinstance(value, Expr) and depth:
        if value.op == "mod" and len(value.args) == 2:
            return number(value.args[1]) or 0.0
        return next((d for a in value.args if (d := _divisor(a, depth - 1)) is not None), None)
    if isinstance(value, Phi) and depth:
        return _divisor(value.condition.test, depth - 1)
    return None


def optimizers(trace: Trace) -> dict[int, Optimizer]:
    """The optimizers that were built, by identity."""
    return {e.optimizer.uid: e.optimizer for e in trace.of(OptimizerBuilt) if isinstance(e, OptimizerBuilt)}


def owners(optimizer: Optimizer) -> frozenset[int]:
    """Identities of the models whose parameters an optimizer holds."""
    return frozenset(uid for group in optimizer.groups for uid in group.params.owners)


def apart(optimizer: Optimizer, params: ParamSet) -> bool:
    """Is an optimizer shown to hold none of these parameters? One that seems to hold nothing was filled in a way that was not read."""
    groups = [g for g in optimizer.groups if g.params.members != ()]
    return bool(groups) and params.members != () and all(g.params.overlaps(params) is False for g in groups)


def clears(event: Cleared, step: Stepped, built: dict[int, Optimizer]) -> bool:
    """Does clearing concern the parameters that the step moves, as far as can be shown?"""
    if event.uid == 0:
        return False  # a tensor of which nothing is known
    if event.uid == step.optimizer:
        return True
    optimizer = built.get(step.optimizer)
    return optimizer is not None and event.uid in owners(optimizer)


def short(optimizer: Optimizer | None) -> str:
    """The optimizer's class, or a word for one that was not seen."""
    return optimizer.short if optimizer is not None else "the optimizer"
