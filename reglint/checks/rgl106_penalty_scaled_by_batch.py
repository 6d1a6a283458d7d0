"""RGL106: the strength of a penalty depends on how many samples a step sees, or on how many micro-batches it waits for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reglint.checks import Rule, rule
from reglint.checks.accumulation import accumulations, divisors_of, may_average
from reglint.checks.objectives import Term, minimised, nodes, over_parameters, terms
from reglint.checks.penalties import penalties
from reglint.checks.sizes import batch_size, name_of
from reglint.findings import Finding, Level, Related
from reglint.reader.written import spelled
from reglint.source import Place, Span
from reglint.step.model import Reduction
from reglint.step.trace import Descended, Trace
from reglint.step.values import Const, Expr, Value, number

MEANS = frozenset({Reduction.MEAN, Reduction.BATCH_MEAN})
DATA = re.compile(r"\b(?:x|y|xs|ys|text)\b|data|batch|input|target|label|image|img|sample|seq|tok|user|item|src|loader|train|set\b", re.I)
HELP = "weight_decay of the same number acts with full strength: scale λ where the two have to agree"


@dataclass(frozen=True, slots=True)
class Scaled:
    """A penalty whose strength is not the number that is written down: `what` acts, `data` is the loss beside it."""

    span: Span
    what: str
    data: Place | None = None


@rule(
    "RGL106",
    "penalty-scaled-by-batch",
    Level.NOTE,
    "the strength of a penalty depends on the number of samples or of micro-batches",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One note per penalty, with the strength that acts."""
    seen: set[Span] = set()
    for found in (*_divided(trace), *_repeated(trace), *_per_sample(trace), *_by_hand(trace)):
        if found.span not in seen:
            seen.add(found.span)
            related = [Related("the data term is a mean already", found.data.span)] if found.data is not None else []
            yield rule.finding(found.span, found.what, related=related, help=HELP)


def _divided(trace: Trace) -> Iterator[Scaled]:
    """`mean loss + λ·R(w) / B`: a division by the number of samples that the data term does not share."""
    for minimal in minimised(trace, returned=False):
        if not any(_is_divided(term) for term in minimal.terms):
            continue  # as most are
        data = [term for term in minimal.terms if term.reduction in MEANS and not over_parameters(term.value)]
        shared = {division.uid for term in minimal.terms if not over_parameters(term.value) for division in term.divisions}
        for penalty in minimal.terms:
            beside = next((term for term in data if term.together_with(penalty)), None)
            if beside is None or not over_parameters(penalty.value):
                continue  # no mean beside it: a sum may be divided together with it
            for size, place in _sizes(penalty, shared):
                yield Scaled(place.span, f"the penalty acts with {_strength(penalty)} / {size}: less with more samples", beside.place)


def _is_divided(term: Term) -> bool:
    return bool(term.divisions) or any(isinstance(factor, Expr) and factor.op == "div" for factor in term.factors)


def _sizes(penalty: Term, shared: set[int]) -> Iterator[tuple[str, Place]]:
    """The numbers of samples that a penalty, or its λ, is divided by."""
    for division in penalty.divisions:
        if division.uid not in shared and (size := _samples(division.by)):
            yield size, division.place
    for factor in penalty.factors:
        if isinstance(factor, Expr) and factor.op == "div" and factor.place is not None and (size := _samples(factor.args[1])):
            yield size, factor.place


def _samples(value: Value) -> str:
    """How the number of samples is spelled; empty for the length of something else, such as the layers or the weights."""
    found = batch_size(value)
    if found and any(node.op in ("len", "numel", "nelement") and not _of_data(node) for node in nodes(value)):
        return ""
    return found


def _of_data(count: Expr) -> bool:
    counted = count.args[0]
    written = spelled(count.place) if count.place is not None else ""
    return not over_parameters(counted) and DATA.search(written or name_of(counted)) is not None


def _strength(penalty: Term) -> str:
    product = 1.0
    for factor in (f.args[0] if isinstance(f, Expr) and f.op == "div" else f for f in penalty.factors):
        known = number(factor)
        if known is None:
            return "λ"
        product *= known
    return f"{product:g}"


def _repeated(trace: Trace) -> Iterator[Scaled]:
    """The data term is divided by the number of micro-batches, the penalty that each of them adds is not."""
    for found in accumulations(trace):
        if found.backward.framework:
            continue  # divides whatever it is given
        every = list(terms(found.backward.loss))
        divided = [t for t in every if any(may_average(by, found.steps) for by in divisors_of(t))]
        data = next((t for t in divided if t.divisions and not over_parameters(t.value)), None)
        if data is None:
            continue  # nothing is averaged: RGL208 speaks where that is wrong
        times = number(found.steps)
        count = f"{times:g} times" if times is not None and times > 1 else "once per micro-batch"
        for term in every:
            if term in divided or term.place is None or not over_parameters(term.value) or not term.together_with(data):
                continue  # divided as well, or no penalty that can stand beside it
            yield Scaled(term.place.span, f"the penalty is added {count} for each step, the data term is averaged", data.place)


def _per_sample(trace: Trace) -> Iterator[Scaled]:
    """The penalty is added to a vector of losses per sample before that is summed."""
    for step in trace.steps:
        for penalty in penalties(step):
            if penalty.per_sample and penalty.connected:
                yield Scaled(penalty.added_at or penalty.span, "the penalty is added once for each sample: λ acts times their number")


def _by_hand(trace: Trace) -> Iterator[Scaled]:
    """`w -= η·(Σg + λ·w)/n`: what is divided is the sum of the gradients and the decay."""
    for event in trace.of(Descended):
        assert isinstance(event, Descended)
        found = [(p, *d) for n in nodes(event.change) if (p := n.place) is not None and (d := _division(n, event.target)) is not None]
        if found:
            place, strength, size = found[-1]  # the innermost product: what stands around it is the learning rate
            known = number(strength)
            acting = f"{known:g}" if known is not None else "λ"
            yield Scaled(place.span, f"the decay is divided with the sum of the gradients: it acts with {acting} / {size}")


def _division(product: Expr, target: Value) -> tuple[Value, str] | None:
    """λ and the number of samples of `(gradient + λ·w) / n`, however the product is written; None for anything else."""
    above, below = _factors(product)
    size = next((found for value in below if (found := _samples(value))), "")
    for total in above if size else ():
        if not isinstance(total, Expr) or total.op != "add":
            continue  # the learning rate
        for gradient, decay in (total.args[:2], total.args[1::-1]):
            if isinstance(decay, Expr) and decay.op == "mul" and target in decay.args and not _averaged(gradient):
                return next((arg for arg in decay.args if arg is not target), Const(None)), size
    return None


def _factors(value: Value) -> tuple[list[Value], list[Value]]:
    """What stands above and below the line of a product."""
    if isinstance(value, Expr) and value.op in ("mul", "div") and len(value.args) == 2:
        (above, below), (over, under) = _factors(value.args[0]), _factors(value.args[1])
        return (above + over, below + under) if value.op == "mul" else (above + under, below + over)
    return [value], []


def _averaged(gradient: Value) -> bool:
    return any(node.op == "mean" or (node.op == "div" and bool(_samples(node.args[-1]))) for node in nodes(gradient))
