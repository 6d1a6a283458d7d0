"""RGL602: `loss.data[0]` of a loss that is a single number."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import ScalarIndexed, Trace


@rule("RGL602", "scalar-by-index", Level.ERROR, "element 0 of a loss that is a single number", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The loss is shown to be reduced by sum or mean: it has no dimension to index."""
    seen: set[Span] = set()
    for indexed in trace.of(ScalarIndexed):
        if isinstance(indexed, ScalarIndexed) and indexed.place.span not in seen:
            seen.add(indexed.place.span)
            yield rule.finding(indexed.place.span, "a scalar has no element 0: this raises IndexError since torch 0.5", help="use .item()")
