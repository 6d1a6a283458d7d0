"""RGL601: Variable, which has been a tensor since torch 0.4."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import LibraryCall, Trace

VARIABLE = "torch.autograd.Variable"


@rule(
    "RGL601",
    "retired-variable",
    Level.NOTE,
    "torch.autograd.Variable, which gives a plain tensor since torch 0.4",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A note, and a warning for volatile=True, which no longer switches gradients off."""
    seen: set[Span] = set()
    for call in trace.of(LibraryCall):
        if not isinstance(call, LibraryCall) or call.name != VARIABLE or call.place.span in seen:
            continue
        seen.add(call.place.span)
        if "volatile" in call.keywords:
            message = "volatile= has no effect since torch 0.4: gradients are recorded here"
            yield rule.finding(call.place.span, message, level=Level.WARNING, help="use torch.no_grad()")
        else:
            yield rule.finding(call.place.span, "Variable() returns a plain tensor since torch 0.4", help="use the tensor itself")
