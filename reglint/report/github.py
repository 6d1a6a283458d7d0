"""The `github` format: workflow commands that GitHub Actions turns into annotations."""

from __future__ import annotations

from reglint.findings import Finding, Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """One workflow command per finding."""
    return "".join(_line(finding) + "\n" for finding in report.findings)


def _line(finding: Finding) -> str:
    span = finding.span
    properties = {"title": f"reglint {finding.code} {finding.name}", "file": span.path}
    if span.cell is None:  # rows of a cell are not rows of the .ipynb file
        properties |= {"line": str(span.row), "endLine": str(span.end_row)}
        if span.row == span.end_row:  # columns of an annotation must be on one line
            properties |= {"col": str(span.column), "endColumn": str(max(span.end_column - 1, span.column))}
    text = finding.message if span.cell is None else f"cell {span.cell}, row {span.row}: {finding.message}"
    if finding.formula is not None:
        text += f"\nupdate: {finding.formula.effective}\nmeant: {finding.formula.intended}"
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
