"""RGL201: `size_average`, `reduce` and `elementwise_mean`, retired since torch 0.4.1."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.reduction_arguments import flagged, modern
from reglint.findings import Finding, Level, Safety
from reglint.step.trace import Trace


@rule(
    "RGL201",
    "deprecated-reduction-argument",
    Level.WARNING,
    "a loss is given size_average=, reduce= or another retired spelling of reduction=",
    since="0.1.0",
    reads="trace",
    fix=Safety.SAFE,
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per call that is given a retired flag which `reduction` does not contradict."""
    for found in flagged(trace):
        if found.flags and found.word and found.word != found.means:
            continue  # RGL202
        was = found.shown or f'reduction="{found.word}"'
        verdict = "is refused by this loss (ValueError): it meant" if found.refused else "is deprecated: it means"
        yield rule.finding(
            found.place.span,
            f'{was} {verdict} reduction="{found.means}"',
            help=f'write reduction="{found.means}"; the flags have been deprecated since torch 0.4.1 and override `reduction`',
            fix=modern(found),
        )
