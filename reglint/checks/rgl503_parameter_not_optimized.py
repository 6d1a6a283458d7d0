"""RGL503: parameters that are trained on, but that no optimizer holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import owners, runs
from reglint.checks.modes import may_train_on
from reglint.findings import Finding, Level, Related
from reglint.step.trace import Backward, Escaped, Event, Forward, OptimizerBuilt, Stepped, Trace


@rule("RGL503", "parameter-not-optimized", Level.WARNING, "trained parameters that no optimizer holds", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The optimizer took a model's parameters, some of which the model has lost since, and others have come."""
    if not trace.complete:
        return
    built = [e for e in trace.of(OptimizerBuilt) if isinstance(e, OptimizerBuilt)]
    groups = [g for e in built for g in e.optimizer.groups]
    if any(g.params.members is None for g in groups):
        return  # an optimizer whose parameters are not known may hold them
    held = {p.uid for g in groups for p in g.params.members or ()}
    for events in runs(trace):
        for event in built:
            forward = _trains(events, event)
            if forward is None:
                continue  # not used for training, or not resolved
            missing = forward.module.owned - held
            lost = {p.uid for g in event.optimizer.groups for p in g.params.members or ()} - forward.module.owned
            if missing and lost and event in events:
                count = f"{len(missing)} parameters" if len(missing) > 1 else "a parameter"
                yield rule.finding(
                    event.place.span,
                    f"{forward.module.class_name} got {count} after this: {event.optimizer.short} keeps the old ones",
                    related=[Related("trained here", forward.place.span)],
                    help="build the optimizer after the model is complete, or use add_param_group",
                )


def _trains(events: Sequence[Event], event: OptimizerBuilt) -> Forward | None:
    """A training call of the model whose parameters the optimizer took."""
    backwards = [e for e in events if isinstance(e, Backward)]
    if not any(isinstance(e, Stepped) and e.optimizer == event.optimizer.uid for e in events) or any(
        isinstance(e, Escaped) for e in events
    ):
        return None  # never stepped, or unknown code may have added to it
    for forward in events:
        if isinstance(forward, Forward) and forward.module.resolved and forward.module.uid in owners(event.optimizer):
            if forward.context.order > event.context.order and any(may_train_on(forward, b) for b in backwards):
                return forward
    return None
