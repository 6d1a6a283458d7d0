"""`--add-ignore`: a suppression comment for every finding, where it holds and nothing breaks."""

from __future__ import annotations

import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reglint.errors import UsageError
from reglint.findings import Edit, Finding, Fix, Report, Safety
from reglint.source import SourceFile, Span

_OWN = re.compile(r"#\s*reglint\s*:\s*ignore\s*\[(?P<codes>[^\]]*)\]", re.IGNORECASE)
_NOT_OURS = ("RGL900", "RGL901", "RGL902", "RGL903")  # about the file or its comments: another comment is no answer
_WIDEST = 110  # characters of a line up to which the comment stands behind the code


@dataclass(frozen=True, slots=True)
class _Statement:
    """A logical line: its rows, those behind which a comment may stand, and the comment of ours that is there already."""

    first: int
    last: int
    free: tuple[int, ...]
    own: tuple[int, int, re.Match[str]] | None  # row, column from 0, what it says


def ensure_reason(reason: str | None) -> None:
    """Raises UsageError for a reason that would not be read back."""
    if reason is not None and (not reason.strip() or re.search(r"[#\r\n]", reason)):
        raise UsageError("--reason must be one line of text without #")


def with_ignores(report: Report, reason: str | None) -> Report:
    """The report with a fix for every finding that adds the comment; those that share a statement share one comment."""
    groups: dict[tuple[str, int | None, int], list[Finding]] = defaultdict(list)
    statements = {path: _statements(source) for path, source in report.sources.items()}
    rest: list[Finding] = []
    for finding in report.findings:
        source = report.sources.get(finding.span.path)
        row = source.text_row(finding.span) if source is not None else 0
        found = next((s for s in statements.get(finding.span.path, ()) if s.first <= row <= s.last), None)
        if finding.code in _NOT_OURS or found is None:
            rest.append(replace(finding, fix=None))
        else:
            groups[finding.span.path, finding.span.cell, found.first].append(finding)
    made: list[Finding] = []
    for (path, _, first), group in groups.items():
        statement = next(s for s in statements[path] if s.first == first)
        edit = _edit(statement, sorted({f.code for f in group}), reason, report.sources[path], group[0])
        made += [replace(f, fix=Fix("ignore it here", Safety.SAFE, (edit,))) for f in group]
    return replace(report, findings=(*made, *rest))


def _edit(statement: _Statement, codes: list[str], reason: str | None, source: SourceFile, finding: Finding) -> Edit:
    if statement.own is not None:
        row, column, own = statement.own
        known = [word for word in re.split(r"[\s,]+", own["codes"]) if word]
        inside = Span("", row, column + own.start("codes") + 1, row, column + own.end("codes") + 1)
        return Edit(_shifted(inside, source, finding), ", ".join(dict.fromkeys([*known, *codes])))
    comment = f"# reglint: ignore[{', '.join(codes)}]" + (f" -- {reason.strip()}" if reason else "")
    flagged = source.text_row(finding.span)
    row = next((row for row in (flagged, statement.last) if row in statement.free), 0)
    line = source.lines[row - 1].rstrip() if row else ""
    if row and len(line) + len(comment) + 2 <= _WIDEST:
        end = Span("", row, len(line) + 1, row, len(source.lines[row - 1]) + 1)
        return Edit(_shifted(end, source, finding), f"  {comment}")
    first = source.lines[statement.first - 1]
    indent = first[: len(first) - len(first.lstrip())]
    return Edit(_shifted(Span("", statement.first, 1, statement.first, 1), source, finding), f"{indent}{comment}\n")


def _shifted(span: Span, source: SourceFile, finding: Finding) -> Span:
    """A span counted in the joined text, counted as the finding counts."""
    shift = source.text_row(finding.span) - finding.span.row
    return Span(finding.span.path, span.row - shift, span.column, span.end_row - shift, span.end_column, finding.span.cell)


def _statements(source: SourceFile) -> tuple[_Statement, ...]:
    found: list[_Statement] = []
    first, free = 0, list[int]()
    own: tuple[int, int, re.Match[str]] | None = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT and (match := _OWN.search(token.string)):
                own = (token.start[0], token.start[1], match)
            elif token.type in (tokenize.NEWLINE, tokenize.NL) and first:
                free.append(token.start[0])
            if token.type == tokenize.NEWLINE and first:
                found.append(_Statement(first, token.start[0], tuple(free), own))
                first, free, own = 0, [], None
            elif token.type == tokenize.NL and not first and not source.lines[token.start[0] - 1].strip():
                own = None  # an empty line separates a comment from the statement below
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.NEWLINE):
                first = first or token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # the rest of the file is broken
    return tuple(found)


def added(findings: Iterable[Finding]) -> str:
    """`added a comment for 3 findings in 2 files`."""
    every = list(findings)
    files = {f.span.path for f in every}
    return f"ignored {len(every)} finding{'s' if len(every) != 1 else ''} in {len(files)} file{'s' if len(files) != 1 else ''}"
