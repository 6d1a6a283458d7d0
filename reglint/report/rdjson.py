"""The `rdjson` format: reviewdog's diagnostics, with fixes as suggestions."""

from __future__ import annotations

import json
from typing import Any

from reglint.checks import URL
from reglint.findings import Finding, Report
from reglint.source import Span

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report) -> str:
    """One JSON object; columns count UTF-8 bytes there, so they are converted where the file is at hand."""
    data = {
        "source": {"name": "reglint", "url": "https://github.com/reglint/reglint"},
        "diagnostics": [_diagnostic(finding, report) for finding in report.findings],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(finding: Finding, report: Report) -> dict[str, Any]:
    diagnostic: dict[str, Any] = {
        "message": finding.message,
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.code, "url": URL.format(code=finding.code, name=finding.name)},
        "location": {"path": finding.span.path, "range": _range(finding.span, report)},
    }
    if finding.span.cell is not None:  # reviewdog knows no cells: the line of the .ipynb file, and no suggestion
        row = report.file_row(finding.span)
        diagnostic["message"] = f"cell {finding.span.cell}, row {finding.span.row}: {finding.message}"
        diagnostic["location"]["range"] = {"start": {"line": row}, "end": {"line": row}}
        return diagnostic
    here = [] if finding.fix is None else [e for e in finding.fix.edits if e.span.path == finding.span.path]
    if here:
        diagnostic["suggestions"] = [{"range": _range(edit.span, report), "text": edit.content} for edit in here]
    return diagnostic


def _range(span: Span, report: Report) -> dict[str, Any]:
    return {
        "start": {"line": span.row, "column": _bytes(span, span.row, span.column, report)},
        "end": {"line": span.end_row, "column": _bytes(span, span.end_row, span.end_column, report)},
    }


def _bytes(span: Span, row: int, column: int, report: Report) -> int:
    source = report.sources.get(span.path)
    at = source.text_row(span) + row - span.row if source is not None else 0
    if source is None or not 0 < at <= len(source.lines):
        return column
    return len(source.lines[at - 1][: column - 1].encode()) + 1
