"""The `gitlab` format: a Code Quality report (a subset of the Code Climate format)."""

from __future__ import annotations

import hashlib
import json

from reglint.findings import Report

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
                "description": f"{finding.message} ({finding.name})",
                "categories": ["Bug Risk"],
                "severity": _SEVERITIES[finding.level],
                "fingerprint": digest.hexdigest(),
                "location": {
                    "path": finding.span.path,
                    "positions": {
                        "begin": {"line": finding.span.row, "column": finding.span.column},
                        "end": {"line": finding.span.end_row, "column": finding.span.end_column},
                    },
                },
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
