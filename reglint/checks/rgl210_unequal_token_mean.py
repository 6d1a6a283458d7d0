"""RGL210: means over tokens (or masks) of unequal micro-batches are averaged again."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.accumulation import accumulations, counted_accumulations, divisors, may_average
from reglint.checks.objectives import Term, nodes, terms
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.reader.domain import Tuple
from reglint.step.model import Reduction
from reglint.step.trace import LossComputed, Trace
from reglint.step.values import Const, Expr, Value, number


@rule(
    "RGL210",
    "unequal-token-mean",
    Level.NOTE,
    "means over the tokens of unequal micro-batches are averaged again",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per accumulated backward() whose loss is a mean over what is not masked, divided by the number of micro-batches."""
    computed = {id(event.result): event for event in trace.of(LossComputed)}
    for found in (*accumulations(trace), *counted_accumulations(trace, after=True)):
        averages = found.backward.framework or any(may_average(d, found.steps) for d in divisors(found.backward.loss))
        if not averages:
            continue  # RGL208
        unequal = len({_length(backward.loss) for backward in found.passes} - {None}) > 1
        masked = next((term for term in terms(found.backward.loss) if unequal or _over_some(term, computed)), None)
        if masked is None or masked.place is None:
            continue  # a mean over the whole micro-batch: as good as equal
        yield rule.finding(
            found.backward.place.span,
            "token means of micro-batches are averaged again: tokens of short ones count more",
            related=[Related("averaged over tokens here", masked.place.span)],
            formula=FormulaPair("(1/K)·Σₖ Sₖ/nₖ", "Σₖ Sₖ / Σₖ nₖ"),
            help="sum over tokens, and divide by the number of tokens of all micro-batches of the step",
        )


def _over_some(term: Term, computed: dict[int, LossComputed]) -> bool:
    """Is it a criterion that ignores an index, or a masked sum divided by the sum of the mask?"""
    event = computed.get(id(term.value))
    if event is not None and term.reduction is Reduction.MEAN:
        ignored = event.options.get("ignore_index")
        return ignored is not None and not (isinstance(ignored, Const) and ignored.value is None)
    divided = any(isinstance(d.by, Expr) and d.by.op == "sum" for d in term.divisions)
    value = term.value
    return divided and isinstance(value, Expr) and value.op == "sum" and any(node.op == "criterion" for node in nodes(value))


def _length(loss: Value) -> int | None:
    """The number of elements of the data in a loss, where it was made with a size that the code shows."""
    for node in nodes(loss):
        sizes = node.args[0] if node.op in ("full", "zeros", "ones", "randn", "rand") and node.args else None
        first = sizes.items[0] if isinstance(sizes, Tuple) and sizes.items else sizes
        size = number(first) if first is not None else None
        if size is not None:
            return int(size)
    return None
