"""Places of the user's program as spans: from a row to the statement that stands there."""

from __future__ import annotations

import ast
import linecache
import os
from functools import lru_cache

from reglint.probe.facts import Spot
from reglint.source import Span


def shown(path: str, directory: str) -> str:
    """The path as findings show it: relative to the directory where that is shorter, with forward slashes."""
    try:
        relative = os.path.relpath(path, directory)
    except ValueError:  # another drive
        relative = path
    return (path if relative.startswith("..") else relative).replace(os.sep, "/")


def span(spot: Spot | None, directory: str) -> Span:
    """The line of a spot without its indentation; row 1 of an unknown file where there is no spot."""
    if spot is None:
        return Span("<unknown>", 1, 1, 1, 1)
    text = linecache.getline(spot.path, spot.row).rstrip("\n")
    column = len(text) - len(text.lstrip()) + 1
    return Span(shown(spot.path, directory), spot.row, column, spot.row, max(len(text.rstrip()) + 1, column))


def same_statement(path: str, row: int, other: int) -> bool:
    """Do two rows of a file belong to the same simple statement (or the same head of a compound one)?"""
    return row == other or any(first <= row <= last and first <= other <= last for first, last in _statements(path))


def gives(path: str, row: int, other: int) -> bool:
    """Does the statement at `row` assign a name that the one at `other` reads: `groups = [...]` before `AdamW(groups)`?"""
    bound = {name for node in _at(path, row) if isinstance(node, (ast.Assign, ast.AnnAssign)) for name in _names(node, ast.Store)}
    return bool(bound) and any(bound & _names(node, ast.Load) for node in _at(path, other))


def _at(path: str, row: int) -> list[ast.stmt]:
    """The statements without a body that stand at a row."""
    return [node for node in _parsed(path) if not hasattr(node, "body") and node.lineno <= row <= (node.end_lineno or node.lineno)]


def _names(node: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, context)}


@lru_cache(maxsize=64)
def _parsed(path: str) -> tuple[ast.stmt, ...]:
    """All statements of a file; none where it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return tuple(node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.stmt))
    except (OSError, SyntaxError, ValueError):
        return ()


@lru_cache(maxsize=64)
def _statements(path: str) -> tuple[tuple[int, int], ...]:
    found = []
    for node in _parsed(path):
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
        found.append((node.lineno, max(last, node.lineno)))
    return tuple(found)
