"""RGL505: parameter groups are built and the optimizer gets something else."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import OptimizerBuilt, Trace


@rule("RGL505", "parameter-group-not-used", Level.ERROR, "parameter groups are built and not used", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A list of groups stands in the same function, and nothing reads it."""
    seen: set[Span] = set()
    for event in trace.of(OptimizerBuilt):
        if isinstance(event, OptimizerBuilt) and event.unused and event.place.span not in seen:
            seen.add(event.place.span)
            message = f"{event.optimizer.short} gets all parameters, the groups in {event.unused[0]} are used nowhere"
            yield rule.finding(event.place.span, message, help=f"pass {event.unused[0]} to the optimizer")
