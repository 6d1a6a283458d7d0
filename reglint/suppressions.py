"""Comments that silence findings: `# reglint: ignore[RGL101, double-l2] -- reason`, `ignore-file`, and `# noqa`.

A comment holds for the logical statement it stands in, or, alone on its line, for the statement below it. A bare `ignore`
holds for every rule. Only files with findings or with the marker are looked at.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from reglint.config import did_you_mean
from reglint.findings import Edit, Finding, Fix, Level, Safety
from reglint.source import SourceFile, Span

OURS = re.compile(rb"#[^\n]*reglint\s*:", re.IGNORECASE)  # in the bytes of a file, to see which need a closer look
NOQA = re.compile(rb"#\s*noqa", re.IGNORECASE)
_OURS = re.compile(r"#\s*reglint\s*:\s*(?P<body>[^#]*)", re.IGNORECASE)
_BODY = re.compile(r"(?P<verb>ignore-file|ignore)\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_NOQA = re.compile(r"#\s*noqa(?P<list>\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?(?![\w-])", re.IGNORECASE)
_PREFIX = re.compile(r"RGL\d{1,3}")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. `codes` empty means all rules; `rows` are the text rows it holds for, None the whole file.

    `strict`: one of ours, which must be of use; a `noqa` may be there for another tool.
    """

    codes: tuple[str, ...]
    rows: range | None
    span: Span
    strict: bool
    text: str

    def covers(self, finding: Finding, row: int) -> bool:
        """Does it silence a finding that begins in this row of the text?"""
        return (self.rows is None or row in self.rows) and (not self.codes or any(names(code, finding) for code in self.codes))


def names(code: str, finding: Finding) -> bool:
    """Does an entry of a comment (code, prefix of one, or name) stand for this finding's rule?"""
    return code in (finding.code, finding.name) or (_PREFIX.fullmatch(code) is not None and finding.code.startswith(code))


def read_suppressions(source: SourceFile, known: Collection[str]) -> tuple[list[Suppression], list[Finding]]:
    """The comments of a file, and RGL903 findings for those that cannot be understood. `known`: codes and names of all rules."""
    found: list[Suppression] = []
    wrong: list[Finding] = []
    for row, column, text, rows in _comments(source):
        if ours := _OURS.search(text):
            span = _span(source, row, column + ours.start(), column + ours.start() + len(ours[0].rstrip()))
            made, complaints = _ours(ours, rows, span, known)
            found += made
            wrong += complaints
        elif noqa := _NOQA.search(text):
            codes = tuple(code.upper() for code in re.split(r"[\s,]+", noqa["codes"] or "") if code)
            if codes and not any(code.startswith("RGL") for code in codes):
                continue  # for another tool
            span = _span(source, row, column + noqa.start(), column + noqa.end())
            found.append(Suppression(codes, rows, span, False, noqa[0]))
    return found, wrong


def _ours(ours: re.Match[str], rows: range, span: Span, known: Collection[str]) -> tuple[list[Suppression], list[Finding]]:
    """What a `# reglint:` comment means, and what is wrong with it."""
    body = _BODY.fullmatch(ours["body"].strip())
    if body is None or (body["rest"] and not body["rest"].startswith(("--", "—", "–", ":", "("))):
        return [], [_invalid(f"cannot be understood: `{ours['body'].strip()[:40]}`", span)]
    words = [word for word in re.split(r"[\s,]+", body["codes"] or "") if word]
    if body["codes"] is not None and not words:
        return [], [_invalid("names no rule between its brackets", span)]
    codes = [word.upper() if word.upper().startswith("RGL") else word for word in words]
    right = tuple(code for code in codes if _is_known(code, known))
    wrong = [_invalid(f"of unknown rule `{code[:30]}`{did_you_mean(code, known)}", span) for code in codes if code not in right]
    if codes and not right:
        return [], wrong
    whole_file = body["verb"].lower() == "ignore-file"
    return [Suppression(right, None if whole_file else rows, span, True, ours[0].rstrip())], wrong


def _is_known(code: str, known: Collection[str]) -> bool:
    return code in known or (_PREFIX.fullmatch(code) is not None and any(word.startswith(code) for word in known))


def _invalid(message: str, span: Span) -> Finding:
    help = "write `# reglint: ignore[RGL101] -- reason`"
    return Finding("RGL903", "invalid-suppression", Level.WARNING, f"suppression {message}", span, help=help)


def unused(suppression: Suppression, idle: Collection[str]) -> Finding:
    """RGL901 for a comment of which the `idle` entries silenced nothing; for a bare one `idle` is empty."""
    left = [code for code in suppression.codes if code not in idle]
    what = f"suppression of {', '.join(idle)}" if idle else "suppression"
    content = re.sub(r"\[[^\]]*\]", f"[{', '.join(left)}]", suppression.text, count=1) if left else ""
    message = "keep only what is used" if left else "remove the comment"
    fix = Fix(message, Safety.SAFE, (Edit(suppression.span, content),))
    return Finding("RGL901", "unused-suppression", Level.WARNING, f"unused {what}: no such finding here", suppression.span, fix=fix)


def apply_suppressions(
    findings: Iterable[Finding], comments: list[Suppression], source: SourceFile
) -> tuple[list[Finding], dict[int, set[str]]]:
    """The findings that remain, and for each comment (by position in the list) the entries that silenced something."""
    kept: list[Finding] = []
    used: dict[int, set[str]] = {index: set() for index in range(len(comments))}
    for finding in findings:
        row = source.text_row(finding.span)
        hits = [index for index, comment in enumerate(comments) if comment.covers(finding, row)]
        for index in hits:
            used[index].update([code for code in comments[index].codes if names(code, finding)] or ["*"])
        if not hits or finding.code == "RGL902":
            kept.append(finding)  # a crash of reglint cannot be silenced by the code it crashed on
    return kept, used


def _span(source: SourceFile, row: int, start: int, end: int) -> Span:
    line = source.lines[row - 1]
    return source.span(row, len(line[:start].encode()), row, len(line[:end].encode()))


def _comments(source: SourceFile) -> Iterator[tuple[int, int, str, range]]:
    """(row, column from 0, text, rows it holds for) of every comment."""
    pending: list[tuple[int, int, str]] = []  # comments seen since the last statement ended
    alone: list[tuple[int, int, str]] = []  # those among them that stand alone above the next statement
    first = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            row, column = token.start
            if token.type == tokenize.COMMENT:
                (pending if first else alone).append((row, column, token.string))
            elif token.type == tokenize.NEWLINE:
                rows = range(first, row + 1)
                yield from ((*comment, rows) for comment in (*alone, *pending))
                pending, alone, first = [], [], 0
            elif token.type == tokenize.NL:
                if not first and not source.lines[row - 1].strip():
                    yield from ((*comment, range(comment[0], comment[0] + 1)) for comment in alone)
                    alone = []  # an empty line separates a comment from the statement below
            elif token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER) and not first:
                first = row
    except (tokenize.TokenError, SyntaxError):
        pass  # the rest of the file is broken: what was read so far counts
    yield from ((*comment, range(comment[0], comment[0] + 1)) for comment in (*alone, *pending))
