"""The probe's report for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reglint.step.formula import Style

if TYPE_CHECKING:
    from reglint.probe.measured import Measured
    from reglint.probe.report import ProbeReport

_OUTCOMES = {
    "ok": "observed",
    "no_step": "the program ended without a training step",
    "crashed": "the program failed before a step could be observed",
    "timeout": "no step was observed within the time limit",
    "no_torch": "the program's Python has no torch",
}


def render(report: ProbeReport, style: Style = "unicode") -> str:
    """Outcome, formula of every group with residual and rounding floor, remarks, limits, verdicts; ends with a line break."""
    lines: list[str] = []
    if report.outcome != "ok":
        lines.append(f"{report.outcome}: {_OUTCOMES.get(report.outcome, report.outcome)}")
    if report.trace.message:
        lines.append(report.trace.message.rstrip("\n"))
    for step in report.steps:
        lines += _step(step, style)
    lines += _parameters(report)
    lines += [f"limit: {limit}" for limit in report.trace.limits]
    lines += [f"defect of the probe: {failure}" for failure in report.trace.failures]
    for verdict in report.verdicts:
        lines.append(f"{verdict.path}:{verdict.row}  {verdict.code} {verdict.status}: {verdict.because}")
    return "\n".join(lines) + "\n" if lines else ""


def _step(step: Measured, style: Style) -> Iterable[str]:
    from reglint.probe.report import explained
    from reglint.step.formula import formulas

    optimizer = step.model.optimizer
    place = f"{optimizer.span.path}:{optimizer.span.row}"
    kind = "update written by hand" if step.fact.kind == "by hand" else optimizer.short
    yield f"{place}  {kind} (measured, step {step.fact.number})"
    certain = explained(step) in ("explained", "not replayed")
    for group in optimizer.groups:
        for made in formulas(step.model, group):
            names = ", ".join(made.parameters[:4]) + (f" and {len(made.parameters) - 4} more" if len(made.parameters) > 4 else "")
            yield f"  {names}"
            yield f"    {'' if certain else 'perhaps '}{made.text(style, sources=True)}"
    word = explained(step)
    if not certain:
        yield "  the measurement does not single out one formula:"
    if step.residual is not None and step.floor is not None:
        line = f"  {word}: residual {step.residual:.1e} of the update, rounding allows {step.floor:.1e}"
        if step.without_decay is not None:
            line += f"; without weight_decay {step.without_decay:.1e}"
            if step.without_decay <= step.floor:
                line += " (too weak to show in this step: measured in the laboratory)"
        yield line
    else:
        yield f"  {word}: the update cannot be replayed on a sample"
    yield from (f"  {remark}" for remark in step.remarks)


def _parameters(report: ProbeReport) -> Iterable[str]:
    """Parameters without a gradient in the observed step."""
    silent = [m.name for step in report.steps for group in step.fact.groups for m in group.members if m.gradient == "none"]
    if silent:
        yield f"  no gradient: {', '.join(silent[:6])}" + (f" and {len(silent) - 6} more" if len(silent) > 6 else "")
