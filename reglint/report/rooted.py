"""Paths as the host of a repository counts them: from its top, wherever in it reglint runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from reglint.findings import Finding, Fix, Report
from reglint.source import Span

# Format → the variable in which the host says where it has put the repository. reviewdog and readers of JUnit look from where they run.
_TOPS = {"github": "GITHUB_WORKSPACE", "sarif": "GITHUB_WORKSPACE", "gitlab": "CI_PROJECT_DIR"}


def prefix_for(output_format: str, environment: Mapping[str, str], working: str) -> str:
    """What leads from the top of the repository to the working directory; empty at the top, outside of it, and for other formats."""
    top = environment.get(_TOPS.get(output_format, ""), "")
    if not top or not os.path.isabs(top):
        return ""
    way = os.path.relpath(os.path.realpath(working), os.path.realpath(top)).replace(os.sep, "/")
    return "" if way == "." or way.split("/")[0] == ".." else way


def rooted(report: Report, prefix: str) -> Report:
    """The report with all paths that are relative to the working directory relative to the top instead."""
    if not prefix:
        return report
    return replace(
        report,
        findings=tuple(_finding(finding, prefix) for finding in report.findings),
        errors=tuple(replace(error, path=_path(error.path, prefix)) for error in report.errors),
        sources={_path(path, prefix): source for path, source in report.sources.items()},
        file_rows={_path(path, prefix): rows for path, rows in report.file_rows.items()},
    )


def _finding(finding: Finding, prefix: str) -> Finding:
    related = tuple(replace(one, span=_span(one.span, prefix)) for one in finding.related)
    return replace(finding, span=_span(finding.span, prefix), related=related, fix=_fix(finding.fix, prefix))


def _fix(fix: Fix | None, prefix: str) -> Fix | None:
    return fix and replace(fix, edits=tuple(replace(edit, span=_span(edit.span, prefix)) for edit in fix.edits))


def _span(span: Span, prefix: str) -> Span:
    return replace(span, path=_path(span.path, prefix))


def _path(path: str, prefix: str) -> str:
    return path if os.path.isabs(path) else os.path.normpath(os.path.join(prefix, path)).replace(os.sep, "/")
