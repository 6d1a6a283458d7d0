"""RGL501: a freeze that freezes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import runs, together
from reglint.findings import Edit, Finding, Fix, Level, Related, Safety
from reglint.source import Place, Span
from reglint.step.trace import AttributeSet, Backward, Escaped, Event, Forward, OptimizerBuilt, Stepped, Trace
from reglint.step.values import Const

RIGHT = "requires_grad"


@rule(
    "RGL501", "freeze-without-effect", Level.ERROR, "a freeze that freezes nothing", since="0.1.0", reads="trace", fix=Safety.UNSAFE
)  # fmt: skip
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A misspelt attribute, an attribute that modules do not have, a freeze that is undone before anything is trained."""
    seen: set[Span] = set()
    for events in runs(trace):
        for event in events:
            if not isinstance(event, AttributeSet) or event.place.span in seen or "grad" not in event.name or event.name == "grad":
                continue  # another attribute, or reported before
            finding = _misspelt(rule, event) if event.name != RIGHT else _on_module(rule, event) or _undone(rule, events, event)
            if finding is not None:
                seen.add(event.place.span)
                yield finding


def _misspelt(rule: Rule, event: AttributeSet) -> Finding | None:
    if _is_read(event.place, event.name) or _by_its_own_class(event):
        return None  # an attribute of their own that somebody asks for
    span = event.place.span
    freezes = isinstance(event.value, Const) and event.value.value is False
    what = "this freezes nothing" if freezes else "this changes nothing"
    level = Level.ERROR if event.on in ("parameter", "module") else Level.NOTE
    begin = span.end_column - len(event.name)
    edit = Edit(Span(span.path, span.end_row, begin, span.end_row, span.end_column, span.cell), RIGHT)
    fix = Fix(f"spell it {RIGHT}", Safety.UNSAFE, (edit,)) if event.on == "parameter" else None
    right = f"{RIGHT}_() of a module" if event.on == "module" else RIGHT
    return rule.finding(span, f"{what}: the attribute is {RIGHT}, not {event.name}", level=level, help=f"use {right}", fix=fix)


def _is_read(place: Place, name: str) -> bool:
    """Does the file read an attribute of this name somewhere?"""
    return re.search(rf"\.{name}\b(?!\s*=[^=])", place.source.text) is not None


def _by_its_own_class(event: AttributeSet) -> bool:
    """Is it a module's method that sets an attribute of the module itself: a flag of its own?"""
    frames = event.context.frames
    return bool(frames) and frames[-1].module != 0 and frames[-1].module == getattr(event.target, "uid", 0)


def _on_module(rule: Rule, event: AttributeSet) -> Finding | None:
    if event.on != "module" or _by_its_own_class(event) or not (isinstance(event.value, Const) and event.value.value is False):
        return None  # a tensor or parameter, a flag of the class's own, or no freeze
    message = "this freezes nothing: an nn.Module has no requires_grad, use requires_grad_(False)"
    return rule.finding(event.place.span, message, help="module.requires_grad_(False) walks over its parameters")


def _undone(rule: Rule, events: Sequence[Event], event: AttributeSet) -> Finding | None:
    """Everything that this statement froze is thawed again by another before anything is trained."""
    if event.on != "parameter" or not (isinstance(event.value, Const) and event.value.value is False):
        return None
    frozen = _touched(events, event)
    for later in events:
        if later.context.order <= event.context.order:
            continue
        if isinstance(later, (Backward, Stepped, Forward, OptimizerBuilt, Escaped)):
            return None  # used as it is before it is thawed
        if not isinstance(later, AttributeSet) or later.name != RIGHT or later.place.span == event.place.span or not together(event, later):
            continue
        thaws = isinstance(later.value, Const) and later.value.value is True and not _more_guarded(later, event)
        if thaws and frozen and frozen <= _touched(events, later) and _matters(events, event, later, frozen):
            related = [Related("thawed again here", later.place.span)]
            return rule.finding(event.place.span, "this freeze is undone before anything is trained", related=related)
    return None


def _matters(events: Sequence[Event], freeze: AttributeSet, thaw: AttributeSet, frozen: frozenset[int]) -> bool:
    """Is something trained afterwards as it is then? freeze() and unfreeze() that are called in turn may be all that a program tries."""
    if any(e.place.span == freeze.place.span and e.context.order > thaw.context.order for e in events if isinstance(e, AttributeSet)):
        return False  # it freezes once more: a function that thaws everything first was called again
    if [frame.uid for frame in freeze.context.frames] == [frame.uid for frame in thaw.context.frames]:
        # One function contradicts itself, whoever trains what it returns; but what it freezes and thaws alike, it freezes
        # for what stands in between, such as a copy into the weight.
        return frozen != _touched(events, thaw)
    groups = [g for e in events if isinstance(e, OptimizerBuilt) for g in e.optimizer.groups]
    return any(g.params.members is None or not frozen.isdisjoint(p.uid for p in g.params.members) for g in groups)


def _more_guarded(event: Event, than: Event) -> bool:
    return len(event.context.guards) > len(than.context.guards)


def _touched(events: Sequence[Event], event: AttributeSet) -> frozenset[int]:
    """The parameters that a statement is executed for, in all its executions; empty where they are not known."""
    found: set[int] = set()
    for one in events:
        if isinstance(one, AttributeSet) and one.place.span == event.place.span:
            if one.params is None or one.params.members is None:
                return frozenset()
            found |= {p.uid for p in one.params.members}
    return frozenset(found)


__all__ = ["check"]
