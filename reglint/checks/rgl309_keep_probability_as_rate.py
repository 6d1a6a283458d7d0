"""RGL309: the probability to keep is handed over as the rate to drop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.knowledge.dropouts import dropout_function
from reglint.knowledge.layers import ModeDependence, layer
from reglint.source import Place, Span
from reglint.step.trace import LibraryCall, Trace
from reglint.step.values import number

_NAME = r"(?:\w+\.)*"
KEPT = re.compile(rf"(?:[(,]|\bp\s*=)\s*({_NAME}\w*keep\w*)\s*[,)]", re.IGNORECASE)
INVERTED = re.compile(rf"(?:[(,]|\bp\s*=)\s*(1(?:\.0?)?\s*-\s*{_NAME}(?!\w*keep)\w*(?:drop|rate)\w*)\s*[,)]", re.IGNORECASE)


@rule("RGL309", "keep-probability-as-rate", Level.WARNING, "a keep probability is passed as the drop rate", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Shown by the name (`keep_prob`) or by the arithmetic (`1 - rate`) in the call itself."""
    seen: set[Span] = set()
    for call in trace.of(LibraryCall):
        assert isinstance(call, LibraryCall)
        option = _rate_option(call.name)
        if not option or option not in call.keywords or call.place.span in seen or call.place.span.row != call.place.span.end_row:
            continue  # no dropout, its default rate, or written over several lines
        found = KEPT.search(_text(call.place)) or INVERTED.search(_text(call.place))
        rate = number(call.keywords[option])
        if found is None or rate == 0.5:
            continue  # one half is the same either way
        seen.add(call.place.span)
        scale = f": {rate:g} drops {rate:.0%} of the values" if rate is not None else ""
        message = f"{found[1]} is the share to keep, p= is the share to drop{scale}"
        yield rule.finding(call.place.span, message, help="pass 1 - keep probability")


def _rate_option(name: str) -> str:
    function = dropout_function(name)
    known = layer(name)
    if function is not None:
        return function.rate
    return known.rate if known is not None and known.mode is ModeDependence.DROPOUT and known.passthrough else ""


def _text(place: Place) -> str:
    span = place.span
    return place.source.lines[place.node.lineno - 1][span.column - 1 : span.end_column - 1]
