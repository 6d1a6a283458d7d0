"""The `github` format: workflow commands that GitHub Actions turns into annotations, and the summary of the job.

GitHub shows at most 10 errors, 10 warnings and 10 notices of a step and drops the rest without a word; here the worst come
first and the rest stands in the log as plain lines, and in the summary (at most 1 MiB for a step).
"""

from __future__ import annotations

from collections import Counter

from reglint.errors import UsageError
from reglint.findings import Finding, Report
from reglint.report.text import summary as counts
from reglint.report.text import where

PER_LEVEL = 10
SUMMARY_BYTES = 1024 * 1024
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """One workflow command per finding as far as GitHub shows them, one plain line for each of the others."""
    shown: Counter[str] = Counter()
    lines: list[str] = []
    rest: list[str] = []
    for finding in report.findings:
        shown[finding.level] += 1
        if shown[finding.level] <= PER_LEVEL:
            lines.append(_command(finding, report.file_row(finding.span)))
        else:
            text = " ".join(f"{finding.level}[{finding.code}] {finding.message}".split())
            rest.append(f"{where(finding.span)}  {text}".lstrip(":"))  # two colons at the beginning of a line would be a command
    return "".join(line + "\n" for line in (*lines, *rest))


def append_summary(report: Report, path: str) -> None:
    """Add a table of the findings to the summary of the job. Raises UsageError where the file cannot be written."""
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(summary(report))
    except OSError as error:
        raise UsageError(f"cannot write the job summary {path}: {(error.strerror or str(error)).lower()}") from error


def summary(report: Report) -> str:
    """The findings as a Markdown table, cut where GitHub would drop the whole."""
    head = f"### reglint: {counts(report)}\n\n"
    if not report.findings:
        return head
    head += "| place | rule | finding |\n| --- | --- | --- |\n"
    rows = [f"| `{_cell(where(f.span))}` | {f.level} {f.code} {f.name} | {_cell(f.message)} |\n" for f in report.findings]
    room = SUMMARY_BYTES - len(head.encode()) - 200
    for index, row in enumerate(rows):
        room -= len(row.encode())
        if room < 0:
            return head + "".join(rows[:index]) + f"\nand {len(rows) - index} more, see the log\n"
    return head + "".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _command(finding: Finding, file_row: int) -> str:
    span = finding.span
    properties = {"title": f"reglint {finding.code} {finding.name}", "file": span.path}
    if span.cell is not None:  # rows of a cell are not rows of the .ipynb file, and columns even less
        properties["line"] = str(file_row)
    else:
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
