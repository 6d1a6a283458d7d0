"""Fingerprints of findings that survive moved lines, renamed files and reformatting: what is flagged, in which scope, never where.

The flagged statement is taken from its syntax tree, so white space, quotes, parentheses, trailing commas, comments and the
spelling of numbers do not count; of a compound statement only the head counts. The same on every version of Python.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reglint.findings import Finding
from reglint.source import SourceFile

_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_params"})


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement with its rows, decorators included, and the function or class it stands in."""

    first: int
    last: int
    scope: str
    node: ast.stmt | ast.excepthandler | ast.match_case


def with_fingerprints(findings: Iterable[Finding], source: SourceFile | None) -> list[Finding]:
    """The findings of one file, in order, each with its fingerprint: sha1 of code, scope, flagged statement and ordinal."""
    pending = list(findings)
    statements = list(_statements(source)) if source is not None and pending else []
    seen: Counter[tuple[str, str, str]] = Counter()
    done = []
    for finding in pending:
        key = (finding.code, *_what(finding, source, statements))
        digest = hashlib.sha1("\0".join((*key, str(seen[key]))).encode("utf-8", "replace"), usedforsecurity=False)
        seen[key] += 1
        done.append(replace(finding, fingerprint=digest.hexdigest()))
    return done


def _what(finding: Finding, source: SourceFile | None, statements: list[_Statement]) -> tuple[str, str]:
    """(scope, code) of the innermost statement at a finding; the message where there is none, as for a file that cannot be read."""
    if source is None or not any(source.lines):
        return "", finding.message
    row = source.text_row(finding.span)
    around = [s for s in statements if s.first <= row <= s.last]
    if not around:
        return "", "".join(source.lines[row - 1].split()) or finding.message  # a comment, or what cannot be parsed
    column = len(source.lines[row - 1][: finding.span.column - 1].encode("utf-8", "replace"))
    # Of several statements on one row the last one that has begun; of nested ones the innermost.
    begun = [s for s in around if (s.first, _column(s)) <= (row, column)] or around
    inner = max(begun, key=lambda s: (s.first, _column(s), -s.last))
    return inner.scope, _code(inner.node)


def _column(statement: _Statement) -> int:
    return getattr(statement.node, "col_offset", 0)


def _statements(source: SourceFile) -> Iterator[_Statement]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # only whole-file findings are left then, and those have no scope
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, scope = pending.pop()
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{scope}.{node.name}" if scope else node.name
            # The decorators and the head belong to the function: it is what would be renamed or moved with them.
            yield _Statement(min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno or node.lineno, inner, node)
        elif isinstance(node, ast.stmt | ast.excepthandler):
            yield _Statement(node.lineno, node.end_lineno or node.lineno, scope, node)
        for name in _BLOCKS & set(node._fields):
            block = getattr(node, name)
            if isinstance(block, list):
                pending += [(child, inner) for child in block]


def _code(value: object) -> str:
    """A syntax tree as text, without positions and blocks; written by hand as ast.dump and ast.unparse differ between versions."""
    if isinstance(value, ast.AST):
        parts = (
            f"{name}={_code(part)}"
            for name, part in ast.iter_fields(value)
            if part is not None and part != [] and name not in _SILENT and not (name in _BLOCKS and isinstance(part, list))
        )
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, list):
        return f"[{', '.join(map(_code, value))}]"
    return repr(value)
