"""Fingerprints of findings that survive moved lines: what is flagged, in which scope, how often; never where."""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from reglint.findings import Finding
from reglint.source import SourceFile


def with_fingerprints(findings: Iterable[Finding], source: SourceFile | None) -> list[Finding]:
    """The findings of one file, in order, each with its fingerprint: sha1 of code, scope, flagged statement and ordinal."""
    scopes = _scopes(source) if source is not None else []
    seen: Counter[tuple[str, str, str]] = Counter()
    done = []
    for finding in findings:
        first = source.text_row(finding.span) if source is not None else 0
        scope = max((s for s in scopes if s[0] <= first <= s[1]), default=(0, 0, ""))[2]
        key = (finding.code, scope, _text(finding, source, first))
        digest = hashlib.sha1("\0".join((*key, str(seen[key]))).encode("utf-8", "replace"), usedforsecurity=False)
        seen[key] += 1
        done.append(replace(finding, fingerprint=digest.hexdigest()))
    return done


def _text(finding: Finding, source: SourceFile | None, first: int) -> str:
    """The flagged lines without white space; the message where there are none, as for a file that cannot be read."""
    if source is None or not any(source.lines):
        return finding.message
    last = first + min(finding.span.end_row - finding.span.row, 20)
    return "".join("".join(source.lines[first - 1 : last]).split())


def _scopes(source: SourceFile) -> list[tuple[int, int, str]]:
    """(first row, last row, qualified name) of every function and class, decorators included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []  # only whole-file findings are left then, and those have no scope
    found: list[tuple[int, int, str]] = []
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, outer = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            outer = f"{outer}.{node.name}" if outer else node.name
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found.append((first, node.end_lineno or node.lineno, outer))
        if not isinstance(node, ast.expr):
            pending += [(child, outer) for child in ast.iter_child_nodes(node)]
    return found
