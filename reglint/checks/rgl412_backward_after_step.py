"""RGL412: a second backward() through weights that a step has changed since the forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import optimizers, runs, short, together
from reglint.checks.graph import reaches, without_graph
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import Backward, Event, Forward, Stepped, Trace


@rule(
    "RGL412",
    "backward-after-step",
    Level.ERROR,
    "backward() through weights that were changed since the forward pass",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The graph of one forward pass is kept for two backward passes, with a step of its own parameters in between."""
    built = optimizers(trace)
    seen: set[Span] = set()
    for events in runs(trace):
        for step in events:
            optimizer = built.get(step.optimizer) if isinstance(step, Stepped) else None
            if not isinstance(step, Stepped) or optimizer is None or step.closure:
                continue
            found = _stale(events, step, optimizer)
            if found is None or found[1].place.span in seen:
                continue
            forward, second = found
            seen.add(second.place.span)
            yield rule.finding(
                second.place.span,
                f"this differentiates at weights that {short(optimizer)} has changed since the forward pass",
                related=[Related("computed here", forward.place.span), Related("changed here", step.place.span)],
                help="compute the output again after the step, or step once after both backward passes",
            )


def _stale(events: Sequence[Event], step: Stepped, optimizer: Optimizer) -> tuple[Forward, Backward] | None:
    same_pass = [e for e in events if e.context.loops == step.context.loops and together(e, step)]
    order = step.context.order
    firsts = [e for e in same_pass if isinstance(e, Backward) and e.context.order < order and e.retain]
    seconds = [e for e in same_pass if isinstance(e, Backward) and e.context.order > order]
    mine = {p.uid for group in optimizer.groups for p in group.params.members or ()}
    ends = without_graph(same_pass)
    for forward in same_pass:
        if not isinstance(forward, Forward) or forward.context.order > order or not mine & forward.module.owned:
            continue  # computed after the step, or by another model
        for second in seconds:
            again = any(
                isinstance(e, Forward) and e.module.uid == forward.module.uid and order < e.context.order < second.context.order
                for e in events
            )
            if not again and reaches(second.loss, forward.result, ends) and any(reaches(b.loss, forward.result, ends) for b in firsts):
                return forward, second
    return None
