"""RGL208: the gradients of K micro-batches are summed, and the loss is not divided by K."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.accumulation import Accumulation, accumulations, counted_accumulations, divisors, may_average
from reglint.checks.gradients import optimizers
from reglint.checks.objectives import terms
from reglint.checks.sizes import name_of
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.reader.written import spelled
from reglint.step.model import DecayKind, Optimizer, Reduction
from reglint.step.trace import Clipped, Trace
from reglint.step.values import Const, Expr, Value, number

# Their step is the same for gradients K times as large; RAdam's first steps and Adadelta's are not (tests/test_indifferent.py).
INDIFFERENT = frozenset(f"torch.optim.{name}" for name in "Adam AdamW NAdam Adamax RMSprop Adagrad Rprop".split())


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
        latent, optimizer = steps is not None and steps <= 1, _indifferent(trace, found)
        message = f"gradients of {_shown(found)} micro-batches are summed: the loss is not divided by their number"
        learning_rate = "the learning rate was tuned for the longer step"
        if optimizer is not None:
            message, learning_rate = f"{message}, which {optimizer.short} hardly notices", "the learning rate stays as it is"
        yield rule.finding(
            found.backward.place.span,
            message,
            level=Level.NOTE if latent or optimizer is not None else Level.WARNING,
            related=[Related("one step for all of them", found.step.place.span)],
            formula=FormulaPair("w ← w − η·Σₖ∇Lₖ", "w ← w − (η/K)·Σₖ∇Lₖ") if optimizer is None else None,
            help=f"divide the loss by the number of micro-batches before backward(); {learning_rate}",
        )


def _indifferent(trace: Trace, found: Accumulation) -> Optimizer | None:
    """The optimizer, where its step is the same for gradients K times as large, and nothing stands beside these."""
    optimizer = optimizers(trace).get(found.step.optimizer)
    if optimizer is None or optimizer.kind not in INDIFFERENT or any(trace.of(Clipped)):
        return None  # a threshold is K times as tight
    for group in optimizer.groups:
        decay = group.options["weight_decay"].value if "weight_decay" in group.options else optimizer.default_decay
        if group.decay is not DecayKind.DECOUPLED and decay != 0.0:
            return None  # weights that are added to the gradients count K times less
    return optimizer


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
