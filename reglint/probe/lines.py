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


@lru_cache(maxsize=64)
def _statements(path: str) -> tuple[tuple[int, int], ...]:
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
            found.append((node.lineno, max(last, node.lineno)))
    return tuple(found)
