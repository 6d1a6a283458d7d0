"""The `jsonl` format: one finding per line, as in `json`."""

from __future__ import annotations

import json

from reglint.findings import Report
from reglint.report.json import finding_dict


def render(report: Report) -> str:
    """One JSON object per finding and line."""
    return "".join(json.dumps(finding_dict(finding), ensure_ascii=False) + "\n" for finding in report.findings)
