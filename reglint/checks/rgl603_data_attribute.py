"""RGL603: `.data` where `detach()` or `no_grad()` is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import operation
from reglint.checks.penalties import penalties
from reglint.findings import Finding, Level
from reglint.knowledge.layers import layer
from reglint.reader.domain import Obj
from reglint.step.trace import AttributeSet, Backward, DataRead, OptimizerBuilt, PenaltyAdded, ScalarIndexed, Trace
from reglint.step.values import Const, Expr, Value

INITIALISES = re.compile(r"init|reset|load|pretrain", re.IGNORECASE)
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg", "same", "sum", "mean"})


@rule(
    "RGL603",
    "data-attribute",
    Level.NOTE,
    ".data stands where detach() or no_grad() is meant",
    since="0.1.0",
    reads="trace",
    default=False,
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One note per `.data` of a parameter once training has begun, and per `.data` of what a layer or a loss gives."""
    begun = min((e.context.order for e in trace.of(OptimizerBuilt, Backward)), default=None)
    # Of loss.data[0] RGL602 speaks, of a penalty on .data RGL104.
    told = {event.place.span for event in trace.of(ScalarIndexed)}
    told |= {event.place.span for event in trace.of(PenaltyAdded) if not event.connected}
    told |= {penalty.span for step in trace.steps for penalty in penalties(step) if not penalty.connected}
    elsewhere = {(span.path, span.cell, span.row) for span in told}
    seen: set[tuple[str, int | None, int]] = set()
    for event in trace.of(DataRead, AttributeSet):
        span = event.place.span
        at = (span.path, span.cell, span.row)
        if at in seen or at in elsewhere or (isinstance(event, AttributeSet) and event.name != "data") or event.context.grad is False:
            continue  # reported, another attribute, or nothing is recorded anyway
        if isinstance(event, (DataRead, AttributeSet)) and event.on == "parameter":
            if begun is None or event.context.order < begun or INITIALISES.search(event.context.function):
                continue  # before the first step there is no gradient to get wrong
            seen.add(at)
            message = "what is done through .data is hidden from autograd"
            yield rule.finding(span, message, help="change parameters under torch.no_grad(), read them with detach()")
        elif isinstance(event, DataRead) and _is_tensor(event.target):
            seen.add(at)
            message = ".data cuts the graph, and later changes of it go unnoticed"
            yield rule.finding(span, message, help="use detach(), or item() for a number")


def _is_tensor(value: Value) -> bool:
    """Is it a tensor for sure? Recurrent layers may give packed sequences, whose `.data` is something else."""
    if not isinstance(value, Expr):
        return False
    if operation(value) in ARITHMETIC:
        return any(_is_tensor(arg) for arg in value.args if not isinstance(arg, Const))
    made = value.attrs.get("layer")
    known = layer(made.library) if isinstance(made, Obj) else None
    return value.op == "criterion" or (known is not None and value.op == "layer" and not _gives_more(known.name))


def _gives_more(name: str) -> bool:
    """Does the layer give a tuple, or what may be no tensor?"""
    return name.rpartition(".")[2] in ("LSTM", "GRU", "RNN", "LSTMCell", "MultiheadAttention", "AdaptiveLogSoftmaxWithLoss")
