"""Findings that are known already: recorded in a file, or those of an earlier revision. Only what is not among them is shown.

A finding keeps its identity (see fingerprints) while its statement and its scope stay what they are, wherever they move.
One in another file counts as known only where the recorded one is gone from its own: a moved file keeps its findings,
a copied one has new ones.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from reglint import __version__
from reglint.errors import UsageError
from reglint.findings import Finding, Report

FILE = "reglint-baseline.json"
SCHEMA_VERSION = 1
_NEVER = ("RGL902",)  # a bug in reglint is not old code


@dataclass(frozen=True, slots=True)
class Known:
    """How many findings are known, by (path, fingerprint); paths relative to the directory of the file."""

    counts: Counter[tuple[str, str]]

    @property
    def total(self) -> int:
        """How many findings are recorded."""
        return self.counts.total()


def known_from(findings: Iterable[Finding]) -> Known:
    """The findings of a run as the known ones of another."""
    return Known(Counter((f.span.path, f.fingerprint) for f in findings if f.code not in _NEVER))


def without(report: Report, known: Known, prefix: str = "") -> tuple[Report, int]:
    """The report without known findings, and how many known ones were not met. `prefix`: from the known paths to the shown ones."""
    left = Counter({(os.path.normpath(os.path.join(prefix, path)).replace(os.sep, "/"), key): n for (path, key), n in known.counts.items()})
    elsewhere: list[Finding] = []
    for finding in report.findings:
        here = (finding.span.path, finding.fingerprint)
        if left[here] > 0 and finding.code not in _NEVER:
            left[here] -= 1
        else:
            elsewhere.append(finding)
    moved = Counter[str]()
    for (_, key), count in left.items():
        moved[key] += count
    new: list[Finding] = []
    for finding in elsewhere:
        if moved[finding.fingerprint] > 0 and finding.code not in _NEVER:
            moved[finding.fingerprint] -= 1  # its file was renamed, or the code moved to another one
        else:
            new.append(finding)
    return replace(report, findings=tuple(new)), moved.total()


def render(report: Report, prefix: str = "") -> str:
    """The file to be recorded: sorted, without line numbers, so that it changes only when the findings do."""
    rows = [
        {
            "path": os.path.relpath(finding.span.path, prefix or ".").replace(os.sep, "/"),
            "code": finding.code,
            "message": finding.message,
            "fingerprint": finding.fingerprint,
        }
        for finding in report.findings
        if finding.code not in _NEVER
    ]
    rows.sort(key=lambda row: (row["path"], row["code"], row["message"], row["fingerprint"]))
    lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    inside = f"[\n{lines}\n  ]" if rows else "[]"
    return f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "tool": "reglint {__version__}",\n  "findings": {inside}\n}}\n'


def read(absolute: str, path: str) -> Known:
    """The findings recorded in a file that is called `path` in messages. Raises UsageError for one that is missing or not ours."""
    try:
        with open(absolute, encoding="utf-8") as file:
            data: Any = json.load(file)
    except FileNotFoundError as error:
        raise UsageError(f"no such baseline: {path}; record one with `reglint baseline`") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:  # the last one: brackets in brackets in brackets
        raise UsageError(f"{path} is not a baseline: {error}; record it anew with `reglint baseline`") from error
    if not isinstance(data, dict) or data.get("schema_version") != SCHEMA_VERSION or not isinstance(data.get("findings"), list):
        raise UsageError(f"{path} is not a baseline of this version; record it anew with `reglint baseline`")
    try:
        return Known(Counter((str(row["path"]), str(row["fingerprint"])) for row in data["findings"]))
    except (KeyError, TypeError) as error:
        raise UsageError(f"{path} is damaged; record it anew with `reglint baseline`") from error
