"""RGL215: backward() of a loss per sample."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.objectives import BUDGET, SAME, operation, reduction, short
from reglint.findings import Finding, Level, Related
from reglint.reader.domain import Tuple
from reglint.source import Span
from reglint.step.model import Reduction
from reglint.step.trace import Backward, Trace
from reglint.step.values import Const, Expr, Phi, Value


@rule(
    "RGL215",
    "unreduced-backward",
    Level.ERROR,
    'a loss with reduction="none" is back-propagated without being reduced',
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per backward() of something that still has one element per sample."""
    found: dict[Span, list[tuple[Expr | None, Backward]]] = {}
    for backward in trace.of(Backward):
        if not backward.seeded and backward.context.by_default:  # backward(gradient) is what vectors need
            found.setdefault(backward.place.span, []).append((unreduced(backward.loss), backward))
    for span, here in found.items():
        loss = here[0][0]
        if loss is None or any(one is None for one, _ in here):
            continue  # reduced under a condition that is not known: the other case may never be
        yield rule.finding(
            span,
            f'{short(loss.name)} has reduction="none": backward() of more than one element raises',
            related=[Related("one value per element", loss.place.span)] if loss.place is not None else [],
            help="average the loss before backward(), or leave reduction at its default",
        )


def unreduced(value: Value, left: list[int] | None = None) -> Expr | None:
    """The criterion whose values per element reach here on every path, through operations that keep the elements apart."""
    left = left or [BUDGET]
    left[0] -= 1
    if left[0] <= 0:
        return None
    if isinstance(value, Phi):
        then, other = unreduced(value.then, left), unreduced(value.other, left)
        return then if other is not None else None
    if not isinstance(value, Expr):
        return None
    if value.op == "criterion":
        return value if reduction(value) is Reduction.NONE and not _one_element(value.args[0]) else None
    op = operation(value)
    if op in SAME or op in ("neg", "exp", "log", "pow", "abs", "sqrt", "clamp"):
        return unreduced(value.args[0], left) if value.args else None
    if op in ("add", "sub", "mul", "div"):  # a scalar and a vector make a vector
        return next((found for arg in value.args if (found := unreduced(arg, left)) is not None), None)
    return None  # an index may pick one element, anything else may reduce


def _one_element(value: Value) -> bool:
    """`output[0, 0]`: an index without a slice may leave a single number."""
    if not isinstance(value, Expr) or value.op != "getitem" or len(value.args) < 2:
        return False
    index = value.args[1]
    return all(isinstance(part, Const) for part in (index.items if isinstance(index, Tuple) else (index,)))
