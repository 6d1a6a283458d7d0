"""RGL206: softmax or sigmoid in front of a loss that applies one itself."""

from __future__ import annotations

import math
from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.objectives import short
from reglint.checks.scales import Scaled, misfits
from reglint.findings import Finding, Level, Related
from reglint.knowledge.activations import Scale
from reglint.step.trace import LossComputed, Trace

_SOFTMAX_INSIDE = ("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy")


@rule(
    "RGL206",
    "activation-applied-twice",
    Level.ERROR,
    "softmax or sigmoid is applied to the input of a loss that applies one itself",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per loss that is minimised and wants logits, but gets probabilities on every path."""
    for event, fact, (first, *_) in misfits(trace):
        if fact.expects is not Scale.LOGITS:
            continue  # RGL207
        yield rule.finding(
            event.place.span,
            _message(event, first),
            related=[Related("probabilities from here", first.by.place.span)] if first.by.place is not None else [],
            help=f"give {short(event.name)} the logits, and apply {first.by.op} only where predictions are made",
        )


def _message(event: LossComputed, given: Scaled) -> str:
    name, inside = short(event.name), "softmax" if event.name in _SOFTMAX_INSIDE else "sigmoid"
    again = "again" if given.by.op == inside else f"after {given.by.op}"
    classes = given.classes
    if event.name in _SOFTMAX_INSIDE and classes is not None and classes > 1:
        # All of the mass on the right class: -log(e / (e + C - 1)).
        return f"{name} applies {inside} {again}: the loss cannot fall below {math.log(math.e + classes - 1) - 1:.4f} (C={classes})"
    return f"{name} applies {inside} {again}: gradients shrink and the loss cannot reach 0"
