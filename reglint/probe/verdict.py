"""What the measurement says of the reader's findings: confirmed, refuted, not reached or inconclusive, each with a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from reglint.checks import all_rules
from reglint.findings import Finding
from reglint.probe.facts import Spot, Trace
from reglint.probe.lines import gives, same_statement
from reglint.probe.observed import JUDGED
from reglint.probe.report import ProbeReport, Verdict, explained

_EVALUATION = frozenset({"RGL301", "RGL302", "RGL303"})  # only a forward pass without gradients shows them
_TWO_STEPS = frozenset({"RGL401"})
# Seen, they are proven; not seen, they may be there in a form that the probe does not look for.
_ONE_SIDED = frozenset(
    {"RGL104", "RGL105", "RGL108", "RGL109", "RGL203", "RGL204", "RGL206", "RGL214", "RGL304", "RGL404", "RGL405", "RGL502"}
)
_ANYWHERE = frozenset({"RGL301", "RGL302", "RGL303", "RGL105", "RGL401", "RGL402", "RGL502", "RGL503"})  # seen wherever training runs


def judged(report: ProbeReport, findings: Iterable[Finding]) -> ProbeReport:
    """The report with a verdict on each of the reader's findings that a measurement can decide."""
    verdicts = tuple(verdict for finding in findings if (verdict := judge(report, finding)) is not None)
    refuted = frozenset((v.code, v.path, v.row) for v in verdicts if v.status == "refuted")
    return replace(report, verdicts=verdicts, refuted=refuted)


def decidable() -> frozenset[str]:
    """The codes that the probe has a say in: checks on the step model, and what it sees itself."""
    return JUDGED | {rule.code for rule in all_rules() if rule.reads in ("step", "both")}


def judge(report: ProbeReport, finding: Finding) -> Verdict | None:
    """The verdict on one finding; None for rules that no step can decide (spelling, structure)."""
    if finding.code not in decidable():
        return None

    def verdict(status: str, because: str) -> Verdict:
        return Verdict(finding.code, finding.span.path, finding.span.row, status, because)

    if report.outcome != "ok":
        return verdict("not_reached", "no training step was observed")
    same = [f for f in report.findings if f.code == finding.code]
    here = next((f for f in same if _same_place(report.directory, f, finding)), None)
    if here is not None:
        return verdict("confirmed", f"measured: {here.message}")
    reason = _not_reached(report, finding)
    if reason:
        return verdict("not_reached", reason)
    if same:
        return verdict("confirmed", f"measured at {same[0].span.path}:{same[0].span.row}: {same[0].message}")
    vague = next((step for step in report.steps if explained(step) in ("inconclusive", "unexplained")), None)
    if vague is not None:
        return verdict("inconclusive", f"the update of {vague.model.optimizer.short} is not fully explained by its formula")
    if finding.code in _ONE_SIDED:
        return verdict("inconclusive", "the observed steps did not show it, which does not rule it out")
    lines = dict.fromkeys(made.text() for _, made in report.all_formulas())
    shown = "; ".join(list(lines)[:2]) or "no formula"
    return verdict("refuted", f"the measured update does not show it: {shown}")


def _same_place(directory: str, one: Finding, other: Finding) -> bool:
    """The same statement of the same file, or one that the measured place uses; the probe knows rows, the reader spans."""
    if one.span.path != other.span.path:
        return False
    path = os.path.join(directory, one.span.path)
    if same_statement(path, one.span.row, other.span.row) or other.span.row <= one.span.row <= other.span.end_row:
        return True
    return gives(path, other.span.row, one.span.row)  # the reader speaks of the group's dict, the probe of the optimizer


def _not_reached(report: ProbeReport, finding: Finding) -> str:
    """Why the measurement says nothing about the place of a finding; empty where it does."""
    trace = report.trace
    if finding.code in _EVALUATION and not trace.evaluations:
        return "no forward pass without gradients ran within the observed steps"
    if finding.code in _TWO_STEPS and max((step.number for step in trace.steps), default=0) < 2:
        return "only one step was observed"
    if finding.code in _ANYWHERE:
        return ""
    spans = [finding.span, *(related.span for related in finding.related)]
    for spot in _spots(trace):
        for span in spans:
            path = os.path.realpath(os.path.join(report.directory, span.path))
            if os.path.realpath(spot.path) == path and (span.row <= spot.row <= span.end_row or same_statement(path, spot.row, span.row)):
                return ""
    return "the observed steps did not pass this place"


def _spots(trace: Trace) -> Iterable[Spot]:
    """Every place of the program that took part in an observed step."""
    for step in trace.steps:
        places = [step.built, step.spot, step.backward_spot]
        places += [spot for penalty in step.penalties for spot in (penalty.spot, penalty.join)]
        places += [data.spot for data in step.data]
        yield from (spot for spot in places if spot is not None)
    yield from (seen.spot for seen in trace.observations if seen.spot is not None)
