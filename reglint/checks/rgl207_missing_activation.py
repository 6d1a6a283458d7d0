"""RGL207: a loss that wants probabilities or log-probabilities gets something else."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.objectives import short
from reglint.checks.scales import Scaled, misfits
from reglint.findings import Finding, Level, Related
from reglint.knowledge.activations import Scale
from reglint.step.trace import Trace

_SEEN = {
    Scale.LOGITS: "logits",
    Scale.PROBABILITIES: "probabilities",
    Scale.LOG_PROBABILITIES: "log-probabilities",
}


@rule(
    "RGL207",
    "missing-activation",
    Level.ERROR,
    "a loss that expects probabilities or log-probabilities gets something else",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per loss that is minimised and gets numbers on the wrong scale on every path."""
    for event, fact, (first, *_) in misfits(trace):
        if fact.expects is Scale.LOGITS:
            continue  # RGL206
        yield rule.finding(
            event.place.span,
            f"{short(event.name)} expects {fact.expects}, gets {_SEEN[first.scale]}{_from(first)}",
            related=[Related(f"{_SEEN[first.scale]} from here", first.by.place.span)] if first.by.place is not None else [],
            help=_remedy(fact.expects, first),
        )


def _from(given: Scaled) -> str:
    name = short(given.by.name) or given.by.op
    return f" of {name}" if name not in ("forward", "layer") else ""


def _remedy(wanted: Scale, given: Scaled) -> str:
    if wanted is Scale.PROBABILITIES:
        return "use BCEWithLogitsLoss on the logits, or apply sigmoid first"
    if given.scale is Scale.PROBABILITIES:
        return "use log_softmax instead of softmax; the logarithm is what makes it a likelihood"
    return "apply log_softmax first, or use cross_entropy on the logits"
