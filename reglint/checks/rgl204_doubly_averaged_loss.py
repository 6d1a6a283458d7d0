"""RGL204: a mean that is divided by the batch size once more, or is taken for a loss per sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import Division, Minimised, Term, minimised, nodes, operation, short, terms
from reglint.checks.sizes import batch_size
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Place, Span
from reglint.step.model import Reduction
from reglint.step.trace import Backward, LossComputed, Stepped, SteppedByHand, Trace
from reglint.step.values import Const, Expr, Value, number

_TWICE = FormulaPair("w ← w − (η/B)·(1/B)·Σᵢ∇Lᵢ", "w ← w − η·(1/B)·Σᵢ∇Lᵢ")
BENT = frozenset({"pow", "square", "sqrt", "abs", "sign", "norm"})
_DEVICES = ("gpu", "device", "world", "rank", "worker", "accum", "replica")


@rule(
    "RGL204",
    "doubly-averaged-loss",
    Level.WARNING,
    "a loss that is a mean already is averaged once more, or weighted as if it were one per sample",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per division (or product) that takes a mean for something else."""
    objectives = list(minimised(trace))
    added_up = {at for objective in objectives for at, times in Counter(_divisions(objective)).items() if times > 1}
    for objective in objectives:
        for term in objective.terms:
            if term.reduction is not Reduction.MEAN:
                continue  # a sum, a loss per sample, or a reduction that is not known
            if added_up & set(_divisions_of(term)):
                continue  # in another pass of the loop several of them are divided: the losses of a batch, one by one
            found = _divided(trace, objective, term)
            if found is not None:
                division, by = found
                yield rule.finding(
                    division.place.span,
                    f"{_name(term)} is a mean already: dividing it by {by} averages twice",
                    related=_computed(term.place),
                    formula=_TWICE,
                    help="delete the division, or ask for a sum; the learning rate was tuned for the shorter step",
                )
        yield from _focal(rule, objective)
    yield from _by_hand(rule, trace)


def _divisions(objective: Minimised) -> Iterator[tuple[Span, Span]]:
    for term in objective.terms:
        yield from _divisions_of(term)


def _divisions_of(term: Term) -> Iterator[tuple[Span, Span]]:
    """Where a term is computed, and where it is divided."""
    if term.place is not None:
        yield from ((term.place.span, division.place.span) for division in term.divisions)


def _divided(trace: Trace, objective: Minimised, term: Term) -> tuple[Division, str] | None:
    """The division by the batch size that a mean meets on its way to backward()."""
    if any(not isinstance(factor, Const) for factor in term.factors):
        return None  # a weight that is not known may make up for it
    summed = any(one.op == "sum" for one in term.resummed)
    for division in term.divisions:
        by = batch_size(division.by)
        if not by and summed:
            by = _count(division.by)
        if not by or _several(objective, term, division):
            continue
        if objective.backward is None:
            if summed:
                return division, by  # `.sum()` of the mean shows what it was taken for
        elif _every_batch_steps(trace, objective.backward, term):
            return division, by
    return None


def _count(value: Value) -> str:
    """Something that is counted at run time, but not devices or accumulation steps."""
    inner = value.args[0] if isinstance(value, Expr) and value.op in ("item", "float", "int") and value.args else value
    if not isinstance(inner, Expr) or inner.op not in ("mul", "len", "size", "getitem", "sum", "numel"):
        return ""
    name = f"{inner.name} {batch_size(inner)}".lower()
    return "" if any(word in name for word in _DEVICES) else batch_size(inner) or "a count"


def _several(objective: Minimised, term: Term, division: Division) -> bool:
    """Is it the sum of many evaluations of the criterion (over time steps, tasks, samples) that is divided?"""
    return term.many or any(
        other is not term and other.place == term.place and any(d.uid == division.uid for d in other.divisions) for other in objective.terms
    )


def _every_batch_steps(trace: Trace, backward: Backward, term: Term) -> bool:
    """Does a step follow every backward(), and the criterion not run in a loop of its own? Else this may be accumulation."""
    mine = {loop.uid for loop in backward.context.loops}
    for event in trace.of(LossComputed):
        if event.result is term.value and not {loop.uid for loop in event.context.loops} <= mine:
            return False
    guards = {guard.key for guard in backward.context.guards}
    for step in trace.of(Stepped):
        same_loops = {loop.uid for loop in step.context.loops} == mine
        if same_loops and {g.key for g in step.context.guards} <= guards and step.context.order > backward.context.order:
            return True
    return False


def _focal(rule: Rule, objective: Minimised) -> Iterator[Finding]:
    """`(1 - exp(-ce)) ** gamma * ce` where ce is the mean of the batch: one weight for all samples."""
    for product in nodes(objective.value):
        if operation(product) != "mul" or product.place is None or len(product.args) != 2:
            continue
        for weight, loss in (product.args, product.args[::-1]):
            mean = _plain_mean(loss)
            if mean is not None and mean.place is not None and any(_exponential_of(node, mean) for node in nodes(weight)):
                yield rule.finding(
                    product.place.span,
                    f"the weight is computed from the mean {short(mean.name)} of the batch, not from each sample's",
                    related=_computed(mean.place),
                    formula=FormulaPair("w ← w − η·(1 − e^(−L̄))^γ·∇L̄", "w ← w − η·(1/B)·Σᵢ(1 − e^(−Lᵢ))^γ·∇Lᵢ"),
                    help='ask the criterion for reduction="none", weight each sample, then average',
                )
                return


def _plain_mean(value: Value) -> Expr | None:
    while isinstance(value, Expr) and value.op in ("neg", "same") and value.args:
        value = value.args[0]
    if isinstance(value, Expr) and value.op == "mul" and isinstance(value.args[0], Const):
        return _plain_mean(value.args[1])
    if isinstance(value, Expr) and value.op == "criterion":
        given = value.attrs.get("reduction")
        return value if isinstance(given, Const) and given.value == "mean" else None
    return None


def _exponential_of(node: Expr, mean: Expr) -> bool:
    return operation(node) == "exp" and bool(node.args) and _plain_mean(node.args[0]) is mean


def _by_hand(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """`l.mean().backward()` with a hand-written step that divides the gradient by the batch size."""
    previous: Backward | None = None
    for event in trace.of(Backward, SteppedByHand):
        if isinstance(event, Backward):
            previous = event
        elif isinstance(event, SteppedByHand) and previous is not None:
            by = next((node for node in nodes(event.change) if node.op == "div" and len(node.args) == 2 and _divides_gradient(node)), None)
            if by is None or not _is_mean(previous.loss) or not _descends(event):
                continue  # the sum of squared gradients of Fisher's information, and what else is added up, is no step
            yield rule.finding(
                previous.place.span,
                "the loss is a mean already, and the step divides its gradient by the batch size again",
                related=_computed(by.place, "divided here"),
                formula=_TWICE,
                help="back-propagate the sum, or delete the division from the step",
            )


def _divides_gradient(node: Expr) -> bool:
    of_gradient = any(inner.op == "grad" or (inner.op == "attribute" and inner.name == "grad") for inner in nodes(node.args[0]))
    by = node.args[1]
    is_count = isinstance(by, Const) and isinstance(by.value, int) and not isinstance(by.value, bool) and by.value > 1
    return of_gradient and (bool(batch_size(by)) or is_count)


def _descends(event: SteppedByHand) -> bool:
    """Does the gradient go into the change as it is, against its direction?"""
    inner = list(nodes(event.change))
    against = event.minus or any(n.op == "neg" or (n.op == "mul" and any((number(a) or 0) < 0 for a in n.args)) for n in inner)
    return against and not any(operation(n) in BENT for n in inner)


def _is_mean(loss: Value) -> bool:
    found = [term for term in terms(loss) if not isinstance(term.value, Const)]
    return bool(found) and all(term.reduction is Reduction.MEAN and not term.factors for term in found)


def _computed(place: Place | None, text: str = "averaged here") -> list[Related]:
    return [Related(text, place.span)] if place is not None else []


def _name(term: Term) -> str:
    value = term.value
    return short(value.name) if isinstance(value, Expr) and value.op == "criterion" else "the loss"
