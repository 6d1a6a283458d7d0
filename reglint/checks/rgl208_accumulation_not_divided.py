"""RGL208: the gradients of K micro-batches are summed, and the loss is not divided by K."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.accumulation import Accumulation, accumulations, counted_accumulations, divisors, may_average
from reglint.checks.objectives import terms
from reglint.checks.sizes import name_of
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.reader.written import spelled
from reglint.step.model import Reduction
from reglint.step.trace import Trace
from reglint.step.values import Const, Expr, Value, number


@rule(
    "RGL208",
    "accumulation-not-divided",
    Level.WARNING,
    "gradients of several micro-batches are summed, not averaged: the loss is not divided by their number",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per backward() of an undivided mean whose step waits for several micro-batches."""
    for found in (*accumulations(trace), *counted_accumulations(trace)):
        divided = any(may_average(divisor, found.steps) for divisor in divisors(found.backward.loss))
        if found.backward.framework or divided or not _all_means(found.backward.loss):
            continue  # divided by a framework or by hand; sums and what is not known may be normalised elsewhere
        steps = number(found.steps)
        if steps is not None and steps <= 1 and not _adjustable(found.steps):
            continue  # a step after every micro-batch, whatever the code prepares for
        latent = steps is not None and steps <= 1
        yield rule.finding(
            found.backward.place.span,
            f"gradients of {_shown(found)} micro-batches are summed: the loss is not divided by their number",
            level=Level.NOTE if latent else Level.WARNING,
            related=[Related("one step for all of them", found.step.place.span)],
            formula=FormulaPair("w ← w − η·Σₖ∇Lₖ", "w ← w − (η/K)·Σₖ∇Lₖ"),
            help="divide the loss by the number of micro-batches before backward(); the learning rate was tuned for the longer step",
        )


def _all_means(loss: Value) -> bool:
    found = [term for term in terms(loss) if not isinstance(term.value, Const)]
    return bool(found) and all(term.reduction is Reduction.MEAN and all(isinstance(f, Const) for f in term.factors) for term in found)


def _adjustable(steps: Value) -> bool:
    return isinstance(steps, Const) and steps.adjustable


def _shown(found: Accumulation) -> str:
    steps = number(found.steps)
    if steps is not None and steps > 1:
        return f"{steps:g}"
    place = found.steps.place if isinstance(found.steps, Expr) else None
    return name_of(found.steps) or (spelled(place) if place is not None else "") or "several"
