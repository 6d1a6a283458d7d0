"""`reglint check --verify`: the findings of a check, each with what a measured training step says of it."""

from __future__ import annotations

from dataclasses import replace

from reglint.findings import Finding, Report
from reglint.probe.report import ProbeReport, Verdict
from reglint.probe.verdict import judge


def verified(report: Report, measured: ProbeReport) -> tuple[Report, Report]:
    """The report with the verdicts in messages and help, and the part of it that can still fail a run: all but the refuted.

    Findings that no step can decide stay as they are.
    """
    judged = [(finding, judge(measured, finding)) for finding in report.findings]
    shown = [(_with(finding, verdict), verdict) for finding, verdict in judged]
    failing = tuple(finding for finding, verdict in shown if verdict is None or verdict.status != "refuted")
    return replace(report, findings=tuple(finding for finding, _ in shown)), replace(report, findings=failing)


def _with(finding: Finding, verdict: Verdict | None) -> Finding:
    if verdict is None:
        return finding
    said = f"{verdict.status.replace('_', ' ')}: {verdict.because}"
    return replace(
        finding,
        message=f"{finding.message} ({verdict.status.replace('_', ' ')})",
        help=said if finding.help is None else f"{finding.help}; {said}",
    )
