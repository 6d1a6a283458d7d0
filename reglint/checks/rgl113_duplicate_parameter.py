"""RGL113: the same parameter stands twice in a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.step.model import StepModel


@rule(
    "RGL113", "duplicate-parameter", Level.WARNING, "a parameter that a group holds twice is updated twice", since="0.1.0", reads="step"
)
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """torch only warns; the update, decay included, acts once for every time the parameter is listed."""
    for group in step.optimizer.groups:
        counts = Counter(p.uid for p in group.params.members or ())
        twice = next((p for p in group.params.members or () if counts[p.uid] > 1), None)
        if twice is not None:
            message = f"{twice.name[-40:]} stands {counts[twice.uid]} times in this group: each step updates and decays it as often"
            yield rule.finding(group.span or step.optimizer.span, message, help="list every parameter once")
