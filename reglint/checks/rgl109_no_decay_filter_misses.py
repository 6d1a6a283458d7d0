"""RGL109: a filter for "no decay" does not select what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.filters import miss
from reglint.findings import Finding, Level
from reglint.step.model import StepModel


@rule("RGL109", "no-decay-filter-misses", Level.WARNING, "a no-decay filter does not select what it is for", since="0.1.0", reads="step")
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """All groups are resolved to parameters; those of one kind are spared in part, or a word of the filter matches nothing."""
    found = miss(step)
    if found is None:
        return
    span = found.group.params.selected_at or found.group.span or step.optimizer.span
    message = f"the no-decay filter misses: {found.why}"
    if len(message) > 100:
        message = f"the no-decay filter misses {found.missed[0].name[-60:]}"
    yield rule.finding(span, message, help="select by kind instead of by name: p.ndim < 2 takes biases, norm parameters and scalars")
