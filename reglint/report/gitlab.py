"""The `gitlab` format: a Code Quality report (a subset of the Code Climate format)."""

from __future__ import annotations

import hashlib
import json

from reglint.findings import Finding, Report
from reglint.source import Span

_SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def render(report: Report) -> str:
    """A JSON list with one issue per finding; the fingerprints are unique within it, as GitLab demands."""
    issues = []
    for finding in report.findings:
        # Equal code in two files has equal fingerprints with us, GitLab would drop the second one.
        digest = hashlib.sha1(f"{finding.span.path}\0{finding.span.cell}\0{finding.fingerprint}".encode(), usedforsecurity=False)
        issues.append(
            {
                "type": "issue",
                "check_name": finding.code,
                "description": f"{_cell(finding)}{finding.message} ({finding.name})",
                "categories": ["Bug Risk"],
                "severity": _SEVERITIES[finding.level],
                "fingerprint": digest.hexdigest(),
                "location": {
                    "path": finding.span.path,
                    "positions": _positions(finding.span, report.file_row(finding.span)),
                },
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _cell(finding: Finding) -> str:
    return "" if finding.span.cell is None else f"cell {finding.span.cell}, row {finding.span.row}: "


def _positions(span: Span, file_row: int) -> dict[str, dict[str, int]]:
    if span.cell is not None:  # GitLab knows no cells: the line of the .ipynb file
        return {"begin": {"line": file_row}, "end": {"line": file_row}}
    return {"begin": {"line": span.row, "column": span.column}, "end": {"line": span.end_row, "column": span.end_column}}
