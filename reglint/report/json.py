"""The `json` format: stable and versioned; keys are only ever added."""

from __future__ import annotations

import json
from typing import Any

from reglint import __version__
from reglint.checks import URL
from reglint.findings import Finding, Fix, Level, Report
from reglint.source import Span

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """The whole report as one JSON object, keys in a fixed order."""
    return json.dumps(to_dict(report), indent=2, ensure_ascii=False) + "\n"


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "reglint", "version": __version__},
        "findings": [finding_dict(finding) for finding in report.findings],
        "errors": [{"path": error.path, "message": error.message} for error in report.errors],
        "summary": {
            "files": report.files,
            "analysed": report.analysed,
            "findings": {level.value: report.count(level) for level in Level},
            "seconds": round(report.seconds, 2),
        },
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    formula = finding.formula
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level.value,
        "message": finding.message,
        "path": finding.span.path,
        "cell": finding.span.cell,
        **_range(finding.span),
        "related": [{"message": r.message, **_place(r.span), "location": _start(r.span)} for r in finding.related],
        "formula": None if formula is None else {"effective": formula.effective, "intended": formula.intended},
        "fix": None if finding.fix is None else _fix(finding.fix, finding.span),
        "fingerprint": finding.fingerprint,
        "url": URL.format(code=finding.code, name=finding.name),
    }


def _fix(fix: Fix, home: Span) -> dict[str, Any]:
    edits = []
    for edit in fix.edits:
        # An edit names its file and cell only where they are not those of the finding.
        elsewhere = {} if (edit.span.path, edit.span.cell) == (home.path, home.cell) else _place(edit.span)
        edits.append({**elsewhere, **_range(edit.span), "content": edit.content})
    return {"message": fix.message, "safety": fix.safety.value, "edits": edits}


def _place(span: Span) -> dict[str, Any]:
    return {"path": span.path} if span.cell is None else {"path": span.path, "cell": span.cell}


def _start(span: Span) -> dict[str, int]:
    return {"row": span.row, "column": span.column}


def _range(span: Span) -> dict[str, Any]:
    return {"location": _start(span), "end_location": {"row": span.end_row, "column": span.end_column}}
