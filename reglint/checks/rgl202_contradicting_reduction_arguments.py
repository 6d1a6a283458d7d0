"""RGL202: a retired flag and `reduction=` that disagree; the flag wins."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.reduction_arguments import flagged
from reglint.findings import Finding, FormulaPair, Level
from reglint.step.trace import Trace

_FORMULA = {
    "mean": "w ← w − (η/B)·Σᵢ∇Lᵢ",
    "sum": "w ← w − η·Σᵢ∇Lᵢ",
    "batchmean": "w ← w − (η/B)·Σᵢ∇Lᵢ",
}


@rule(
    "RGL202",
    "contradicting-reduction-arguments",
    Level.ERROR,
    "size_average= or reduce= overrides a reduction= that says something else",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per loss that is told two reductions."""
    for found in flagged(trace):
        if not found.flags or not found.word or found.word == found.means:
            continue  # they agree, or only one of them is given: RGL201
        effective, intended = _FORMULA.get(found.means), _FORMULA.get(found.word)
        yield rule.finding(
            found.place.span,
            f'{found.shown} wins over reduction="{found.word}": the loss is reduced by "{found.means}"',
            formula=FormulaPair(effective, intended) if effective and intended and effective != intended else None,
            help="delete the flag, or correct `reduction`, after deciding which of the two was meant",
        )
