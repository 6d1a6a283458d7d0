"""A measurement as the page of `--report`. No torch here."""

from __future__ import annotations

from dataclasses import replace

from reglint.probe.report import ProbeReport
from reglint.report.page import Page, render, rows_of


def html(report: ProbeReport, title: str) -> str:
    """The page: measured formulas, every parameter with its decay and the size of its update, findings with verdicts."""
    steps = tuple(step.model for step in report.steps)
    sizes = {member.name: member.update for step in report.steps for group in step.fact.groups for member in group.members}
    depth = {parameter.name: index for index, parameter in enumerate(report.trace.parameters)}
    measured = (replace(row, update=sizes.get(row.name)) for row in rows_of(steps))
    rows = tuple(sorted(measured, key=lambda row: depth.get(row.name, len(depth))))
    verdicts = tuple((v.code, f"{v.path}:{v.row}", v.status, v.because) for v in report.verdicts)
    limits = (*report.trace.limits, *report.trace.failures, *(remark for step in report.steps for remark in step.remarks))
    remarks = limits if report.outcome == "ok" else (f"outcome: {report.outcome} {report.trace.message or ''}".strip(), *limits)
    return render(Page(title, steps, rows, report.findings, verdicts, tuple(dict.fromkeys(remarks))))
