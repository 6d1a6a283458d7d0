"""RGL110: a key of a parameter group that torch keeps and never reads."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.knowledge.optimizers import closest_option, optimizer
from reglint.step.model import StepModel


@rule(
    "RGL110", "misspelt-group-key", Level.ERROR, "a parameter group has a key that nothing reads", since="0.1.0", reads="step"
)
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """Near misses of real options and well-known aliases; keys that others read (`initial_lr`, `name`) are no misses."""
    known = optimizer(step.optimizer.kind)
    if known is None or not step.optimizer.kind.startswith("torch.optim."):
        return  # other optimizers may have options of their own
    for group in step.optimizer.groups:
        for key in group.options:
            meant = closest_option(key, known) if key not in known.signature and key not in group.inherited else None
            if meant is None:
                continue  # an option, what the constructor was given, or a key of somebody else's
            message = f"{step.optimizer.short} never reads the group key {key!r}: {meant} keeps its default"
            yield rule.finding(group.span or step.optimizer.span, message, help=f"write {meant!r}")
