"""RGL407: an optimizer is built anew in every epoch and forgets its moments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import extra_guards, owners, runs
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import Event, OptimizerBuilt, Stepped, Trace


@rule("RGL407", "optimizer-state-trap", Level.WARNING, "an optimizer is rebuilt in every epoch", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The same statement builds it for the same model in two passes of an epoch loop, and it has moments to lose."""
    seen: set[Span] = set()
    for events in runs(trace):
        for first, second in _pairs(events):
            state = _state(second.optimizer)
            step = next((e for e in events if isinstance(e, Stepped) and e.optimizer == second.optimizer.uid), None)
            if not state or step is None or second.place.span in seen or extra_guards(second, step) or _goes_on(events, second, step):
                continue  # nothing to forget, never used, or built under a condition such as a new phase
            seen.add(second.place.span)
            loop = next(a for a, b in zip(first.context.loops, second.context.loops, strict=False) if a != b)
            yield rule.finding(
                second.place.span,
                f"{second.optimizer.short} is built anew in every epoch: its {state} start from zero each time",
                level=Level.WARNING if second.optimizer.adaptive else Level.NOTE,
                related=[Related("used here", step.place.span)],
                help=f"build it once, before the loop in line {loop.place.row}",
            )


def _goes_on(events: Sequence[Event], rebuilt: OptimizerBuilt, step: Stepped) -> bool:
    """Does the same step() also move one of an earlier pass, where the condition of rebuilding fails?"""
    fresh = {e.optimizer.uid for e in events if isinstance(e, OptimizerBuilt) and e.context.loops == rebuilt.context.loops}
    return any(
        s.place.span == step.place.span and s.context.loops == step.context.loops and s.optimizer not in fresh and extra_guards(rebuilt, s)
        for s in events
        if isinstance(s, Stepped)
    )


def _pairs(events: Sequence[Event]) -> Iterator[tuple[OptimizerBuilt, OptimizerBuilt]]:
    """The same construction in two passes of a loop over epochs, for the same parameters."""
    last: dict[object, OptimizerBuilt] = {}
    for event in events:
        if not isinstance(event, OptimizerBuilt):
            continue
        before = last.get(event.place.span)
        last[event.place.span] = event
        if before is None or not owners(event.optimizer) or owners(before.optimizer) != owners(event.optimizer):
            continue  # the first, or for another model, as in a loop over folds
        differ = [a for a, b in zip(before.context.loops, event.context.loops, strict=False) if a != b]
        if differ and differ[0].over == "epochs":
            yield before, event


def _state(optimizer: Optimizer) -> str:
    momenta = [group.options.get("momentum") for group in optimizer.groups]
    if optimizer.adaptive:
        return "moments"
    return "momentum buffers" if momenta and all(m is not None and m.value for m in momenta) else ""
