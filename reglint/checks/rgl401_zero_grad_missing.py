"""RGL401: a loop that steps without ever clearing the gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import apart, between, clears, optimizers, runs, together
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import AttributeSet, Backward, Cleared, Escaped, Event, Stepped, Trace


@rule("RGL401", "zero-grad-missing", Level.ERROR, "a training loop never clears the gradients", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Between two steps of one optimizer there is a backward() and nothing that clears, replaces or could touch the gradients."""
    if not trace.complete:
        return  # what clears them may not have been read
    built = optimizers(trace)
    seen: set[Span] = set()
    for events in runs(trace):
        for first, second in _pairs(events):
            optimizer = built.get(second.optimizer)
            backward = _never_cleared(events, first, second, built)
            if optimizer is None or not optimizer.kind.startswith("torch.optim.") or backward is None:
                continue  # an optimizer that was not seen may clear in its step(), as engines do
            if any(isinstance(e, Escaped) and optimizer.uid in e.uids for e in events):
                continue  # unknown code has the optimizer and may clear whenever it is called
            if backward.place.span in seen:
                continue  # reported for another optimizer
            seen.add(backward.place.span)
            outside = _cleared_outside(events, second, built)
            message = f"the gradients are never cleared: each step of {optimizer.short} adds up those of all earlier batches"
            if outside is not None:
                message = f"the gradients are cleared only outside of the loop: each step of {optimizer.short} adds up those since then"
            yield rule.finding(
                backward.place.span,
                message,
                related=[
                    Related("the step that uses them", second.place.span),
                    *([Related("cleared here", outside.place.span)] if outside is not None else []),
                ],
                formula=FormulaPair("w ← w − η·(g₁ + g₂ + … + gₜ)", "w ← w − η·gₜ"),
                help="call optimizer.zero_grad() once per step, before backward() or after step()",
            )


def _pairs(events: Sequence[Event]) -> Iterator[tuple[Stepped, Stepped]]:
    """Consecutive executions of the same step() in a loop."""
    last: dict[object, Stepped] = {}
    for event in events:
        if not isinstance(event, Stepped) or event.closure or not event.context.loops:
            continue  # a closure is called by the optimizer in an order of its own
        at = (event.optimizer, event.place.span)
        if at in last:
            yield last[at], event
        last[at] = event


def _never_cleared(events: Sequence[Event], first: Stepped, second: Stepped, built: dict[int, Optimizer]) -> Backward | None:
    """The backward() between two steps whose gradients are added to the old ones; None where something may clear them."""
    backward: Backward | None = None
    for event in between(events, first, second):
        if not together(event, first, second):
            continue  # in another branch than the steps
        if isinstance(event, Backward):
            backward = event
        elif (
            isinstance(event, Escaped)
            or (isinstance(event, AttributeSet) and event.name == "grad" and not event.augmented)
            or (isinstance(event, Cleared) and not _of_others(event, second, built))
        ):
            return None
    return backward


def _cleared_outside(events: Sequence[Event], step: Stepped, built: dict[int, Optimizer]) -> Cleared | None:
    """What clears the same gradients around the loop: before it, or once per epoch."""
    around = [loop.uid for loop in step.context.loops[:-1]]
    for event in events:
        if isinstance(event, Cleared) and clears(event, step, built) and together(event, step):
            loops = [loop.uid for loop in event.context.loops]
            if loops == around[: len(loops)]:
                return event
    return None


def _of_others(event: Cleared, step: Stepped, built: dict[int, Optimizer]) -> bool:
    """Is it the clearing of another optimizer that shares no parameter with the one that steps?"""
    mine, other = built.get(step.optimizer), built.get(event.uid)
    if mine is None or other is None or mine is other:
        return False
    return bool(mine.groups) and all(apart(other, group.params) for group in mine.groups)
