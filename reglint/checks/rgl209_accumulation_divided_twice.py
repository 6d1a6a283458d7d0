"""RGL209: the loss is divided by the accumulation steps, and the framework's backward() divides it again."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.accumulation import divisors
from reglint.checks.sizes import name_of
from reglint.findings import Finding, FormulaPair, Level
from reglint.step.trace import Backward, Trace
from reglint.step.values import Const, Expr, Value, number


@rule(
    "RGL209",
    "accumulation-divided-twice",
    Level.WARNING,
    "the loss is divided by the accumulation steps by hand, and by the framework again",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per backward() of a framework that divides what has been divided."""
    for backward in trace.of(Backward):
        steps = backward.divisor
        if steps is None or (number(steps) == 1 and not name_of(steps)):
            continue  # no framework, or one that divides by 1: Accelerator() without the argument
        if any(_equal(steps, other) for other in divisors(backward.loss)):
            yield rule.finding(
                backward.place.span,
                f"{backward.framework} divides the loss by {_shown(steps)} again: gradients are {_shown(steps)} times too small",
                formula=FormulaPair("w ← w − (η/K²)·Σₖ∇Lₖ", "w ← w − (η/K)·Σₖ∇Lₖ"),
                help=f"hand {backward.framework} the undivided loss",
            )


def _equal(steps: Value, other: Value) -> bool:
    """Are they the same number: the same object, name, or constant above 1?"""
    if steps is other:
        return True
    if isinstance(steps, Const) and isinstance(other, Const):
        return steps.value == other.value and steps.value != 1
    if isinstance(steps, Expr) and isinstance(other, Expr):
        return steps.op == other.op and steps.name == other.name and bool(steps.name)
    name = name_of(steps)
    return bool(name) and name == name_of(other)


def _shown(steps: Value) -> str:
    found = number(steps)
    return f"{found:g}" if found is not None and found > 1 else name_of(steps) or "the accumulation steps"
