"""RGL114: a gradient penalty whose norm runs over the wrong dimensions, or whose gradient cannot be differentiated again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import minimised, nodes
from reglint.checks.ranks import Gradient, gradient, gradient_rank, gradients_alone
from reglint.findings import Finding, Level, Related
from reglint.source import Place, Span
from reglint.step.trace import Trace
from reglint.step.values import Const, Expr, Value, number

NORMS = frozenset({"norm", "vector_norm"})


@rule(
    "RGL114",
    "gradient-penalty-shape",
    Level.WARNING,
    "a gradient penalty takes its norm over the wrong dimensions, or has no graph",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per norm that is compared to a number, and per gradient that makes up a term of what is minimised."""
    seen: set[Span] = set()
    for minimal in minimised(trace):
        for norm, taken in _norms(minimal.value):
            rank = gradient_rank(trace, taken)
            if rank < 3 or norm.place is None or norm.place.span in seen:
                continue  # a vector for each sample, or a shape that is not shown
            seen.add(norm.place.span)
            yield rule.finding(
                norm.place.span,
                f"norm over one dimension of a gradient that has {rank}: many norms for each sample, not one",
                related=_taken(taken),
                help="flatten the gradient first: gradients.flatten(1).norm(2, dim=1)",
            )
        for term in minimal.terms if minimal.backward is not None else ():
            for taken in gradients_alone(term.value):
                place = taken.call.place
                if taken.differentiable or place is None or place.span in seen:
                    continue  # it has a graph, or may have one
                seen.add(place.span)
                yield rule.finding(
                    place.span,
                    "a penalty on this gradient moves nothing: it is taken without create_graph=True",
                    related=[Related("minimised here", minimal.event.place.span)],
                    help="pass create_graph=True",
                )


def _norms(value: Value) -> Iterator[tuple[Expr, Gradient]]:
    """Norms of gradients over one dimension that are pulled towards a number other than 0."""
    for node in nodes(value):
        if node.op != "sub" or len(node.args) != 2:
            continue
        for norm, target in (node.args, node.args[::-1]):
            taken = _over_one_dimension(norm) if number(target) else None
            if taken is not None and isinstance(norm, Expr):
                yield norm, taken


def _over_one_dimension(norm: Value) -> Gradient | None:
    """The gradient of `g.norm(2, dim=1)` or of `(g ** 2).sum(1).sqrt()`; None for other norms."""
    if not isinstance(norm, Expr) or not norm.args:
        return None
    if norm.op in NORMS:
        return gradient(norm.args[0]) if _dimension(norm, 2) else None
    inner = norm.args[0] if norm.op == "sqrt" or (norm.op == "pow" and len(norm.args) > 1 and number(norm.args[1]) == 0.5) else None
    while isinstance(inner, Expr) and inner.op == "add" and isinstance(inner.args[1], Const):
        inner = inner.args[0]  # a small number that keeps the root away from 0
    if not isinstance(inner, Expr) or inner.op != "sum" or not inner.args or not _dimension(inner, 1):
        return None
    square = inner.args[0]
    return gradient(square.args[0]) if isinstance(square, Expr) and square.op in ("pow", "square", "mul") else None


def _dimension(reduced: Expr, position: int) -> bool:
    """Is a single dimension given?"""
    given = reduced.attrs.get("dim", reduced.attrs.get("axis", reduced.args[position] if len(reduced.args) > position else None))
    return given is not None and number(given) is not None


def _taken(taken: Gradient) -> list[Related]:
    place: Place | None = taken.call.place
    return [Related("the gradient", place.span)] if place is not None else []
