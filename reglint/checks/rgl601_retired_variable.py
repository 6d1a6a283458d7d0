"""RGL601: Variable, which has been a tensor since torch 0.4."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import nodes
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import Forward, LibraryCall, LossComputed, Trace
from reglint.step.values import Const, Value, alternatives

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
    """A note, and a warning where volatile=True alone was to switch gradients off, which it no longer does."""
    calls: dict[Span, list[LibraryCall]] = {}
    for call in trace.of(LibraryCall):
        if isinstance(call, LibraryCall) and call.name == VARIABLE:
            calls.setdefault(call.place.span, []).append(call)
    spared = _without_gradient(trace) if calls else set()
    for span, here in calls.items():
        if span not in spared and any(_relied_upon(call) for call in here):
            message = "volatile= has no effect since torch 0.4: gradients are recorded here"
            yield rule.finding(span, message, level=Level.WARNING, help="use torch.no_grad()")
        elif any("volatile" in call.keywords for call in here):
            yield rule.finding(span, "volatile= has no effect since torch 0.4", help="use the tensor itself")
        else:
            yield rule.finding(span, "Variable() returns a plain tensor since torch 0.4", help="use the tensor itself")


def _without_gradient(trace: Trace) -> set[Span]:
    """Where what is made has no gradient anyway: a loss compares with it, or it goes through modules without parameters alone."""
    spared: set[Span] = set()
    inputs: set[Span] = set()
    for event in trace.of(LossComputed, Forward):
        if isinstance(event, LossComputed):
            spared |= _made_in(event.target)
            inputs |= _made_in(event.input)
        elif isinstance(event, Forward):
            given = set().union(*map(_made_in, event.arguments))
            if event.module.resolved and not event.module.owned:
                spared |= given
            else:
                inputs |= given
    return spared - inputs


def _made_in(value: Value) -> set[Span]:
    return {node.place.span for node in nodes(value) if node.name == VARIABLE and node.place is not None}


def _relied_upon(call: LibraryCall) -> bool:
    """Is volatile shown to be true, and is there nothing else that switches gradients off?"""
    if "volatile" not in call.keywords or call.context.grad is not True:
        return False  # under no_grad, or that is not known
    return any(isinstance(leaf, Const) and bool(leaf.value) for leaf in alternatives(call.keywords["volatile"]))
