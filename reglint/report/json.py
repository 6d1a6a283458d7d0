"""The `json` format: stable and versioned; see the design notes in the README for every key."""

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
        "related": [{"message": r.message, "path": r.span.path, "cell": r.span.cell, **_range(r.span)} for r in finding.related],
        "formula": None if formula is None else {"effective": formula.effective, "intended": formula.intended},
        "help": finding.help,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "fingerprint": finding.fingerprint,
        "url": URL.format(code=finding.code, name=finding.name),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{"path": e.span.path, "cell": e.span.cell, **_range(e.span), "content": e.content} for e in fix.edits]
    return {"message": fix.message, "safety": fix.safety.value, "edits": edits}


def _range(span: Span) -> dict[str, Any]:
    return {
        "location": {"row": span.row, "column": span.column},
        "end_location": {"row": span.end_row, "column": span.end_column},
    }
