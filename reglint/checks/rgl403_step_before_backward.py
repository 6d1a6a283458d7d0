"""RGL403: the first step of a loop comes before any gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import implied, optimizers, runs, short, together
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import AttributeSet, Backward, Escaped, Event, Stepped, Trace


@rule(
    "RGL403",
    "step-before-backward",
    Level.ERROR,
    "the optimizer steps before backward() has computed a gradient",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """In each pass of a loop the step comes first: it uses no gradient, or the one of the pass before."""
    built = optimizers(trace)
    seen: set[Span] = set()
    for events in runs(trace):
        for step in events:
            if not isinstance(step, Stepped) or step.closure or step.place.span in seen:
                continue  # a closure computes the gradient itself
            seen.add(step.place.span)
            backward = _later_in_the_pass(events, step)
            if backward is not None:
                yield rule.finding(
                    step.place.span,
                    f"{short(built.get(step.optimizer))} steps before backward(): on no gradient, then on that of the last pass",
                    related=[Related("the gradient comes from here", backward.place.span)],
                    help="call step() after backward()",
                )


def _later_in_the_pass(events: Sequence[Event], step: Stepped) -> Backward | None:
    """The backward() that follows in the same pass of the loop, where nothing earlier can have made a gradient."""
    for event in events:
        if event.context.order < step.context.order and together(event, step):
            if isinstance(event, (Backward, Escaped)) or (isinstance(event, AttributeSet) and event.name == "grad"):
                return None
        elif isinstance(event, Backward) and event.context.loops == step.context.loops and implied(step, event):
            # Outside of a loop a first step may be there for a scheduler's sake: another one must not follow.
            once = not any(isinstance(e, Stepped) and e.context.order > event.context.order for e in events)
            return event if step.context.loops or once else None
    return None
