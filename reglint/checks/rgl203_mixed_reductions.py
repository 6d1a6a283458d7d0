"""RGL203: a mean-reduced and a sum-reduced data term in one objective."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import Minimised, Term, minimised, nodes, operation, over_parameters, short
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.reader.domain import Each, Param
from reglint.source import Place
from reglint.step.model import Reduction
from reglint.step.trace import Trace
from reglint.step.values import Const, Expr, Value

MEANS = frozenset({Reduction.MEAN, Reduction.BATCH_MEAN})
# A factor outside of this is there to make up for something; inside, it is that of a formula (½ in the Kullback-Leibler divergence).
PLAIN = (0.25, 4.0)
# What makes a hand-written sum one over the elements of a batch rather than over a few numbers.
ELEMENTWISE = frozenset({"exp", "log", "pow", "square", "abs", "softmax", "sigmoid", "log_softmax", "log1p", "expm1"})


@rule(
    "RGL203",
    "mixed-reductions",
    Level.WARNING,
    "an objective adds a data term reduced by a mean to one reduced by a sum",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per sum in which a mean over the batch and a sum over the batch meet."""
    for objective in minimised(trace):
        if objective.backward is not None and objective.backward.seeded:
            continue  # a gradient is given: the sum of the outputs is what it is applied to, no objective
        for mean, total, place in _pairs(objective):
            yield rule.finding(
                place.span,
                f"{_name(mean)} is a mean, {_name(total)} a sum: their balance depends on the batch size",
                related=[
                    Related(f"reduced by a {what}", term.place.span)
                    for what, term in (("mean", mean), ("sum", total))
                    if term.place is not None
                ],
                formula=FormulaPair("w ← w − η·( (1/N)·Σᵢ∇Lᵢ + Σᵢ∇Mᵢ )", "w ← w − η·( (1/N)·Σᵢ∇Lᵢ + (1/N)·Σᵢ∇Mᵢ )"),
                help="reduce both alike: sum both, or sum each per sample and average over the batch",
            )


def _pairs(objective: Minimised) -> Iterator[tuple[Term, Term, Place]]:
    plain = [term for term in objective.terms if _plain(term)]
    means = [term for term in plain if term.reduction in MEANS]
    sums = [term for term in plain if term.reduction is Reduction.SUM and _over_a_batch(term)]
    for mean in means:
        for total in sums:
            if objective.backward is None and not any(isinstance(t.value, Expr) and t.value.op == "criterion" for t in (mean, total)):
                continue  # a function that nobody was seen to minimise: it may compute anything
            common = [a for a, b in zip(mean.joins, total.joins, strict=False) if a == b]
            if common and mean.together_with(total):
                yield mean, total, common[-1]
                return


def _plain(term: Term) -> bool:
    """Is its weight of the order of one? A division, a small constant or a weight that is not known may make up for the reduction."""
    size = 1.0
    for factor in term.factors:
        if not isinstance(factor, Const) or factor.adjustable or not isinstance(factor.value, (int, float)):
            return False
        size *= abs(factor.value)
    for division in term.divisions:
        by = division.by
        if not isinstance(by, Const) or by.adjustable or not isinstance(by.value, (int, float)) or not by.value:
            return False
        size /= abs(by.value)
    return PLAIN[0] <= size <= PLAIN[1]


def _over_a_batch(term: Term) -> bool:
    """A criterion sums over a batch; a hand-written sum does where it runs over something computed element by element."""
    value = term.value
    if not isinstance(value, Expr) or over_parameters(value):
        return False  # a penalty: a sum is right there
    if value.op == "criterion":
        return True
    inside = list(nodes(value.args[0]))
    if any(operation(node) == "sub" and any(map(_is_weight, node.args)) for node in inside):
        return False  # a pull towards earlier weights, which came from anywhere
    if any(node.op in ("sum", "mean", "norm") for node in inside):
        return False  # part of the reduction happens per sample: what is summed may be few numbers
    return any(operation(node) in ELEMENTWISE or node.op == "criterion" for node in inside)


def _is_weight(value: Value) -> bool:
    return (isinstance(value, Each) and value.aspect == "tensor") or (isinstance(value, Param) and not value.plain)


def _name(term: Term) -> str:
    value = term.value
    if isinstance(value, Expr) and value.op == "criterion":
        return short(value.name)
    return f"the {value.op} at line {value.place.row}" if isinstance(value, Expr) and value.place is not None else "a term"
