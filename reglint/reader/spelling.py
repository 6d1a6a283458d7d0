"""How a fix writes a library name in a file: as its neighbour is written there, with an import where one is needed."""

from __future__ import annotations

import ast
import warnings

from reglint.findings import Edit
from reglint.reader.written import text
from reglint.source import Place


def beside(place: Place, node: ast.expr, other: str) -> tuple[Edit, ...] | None:
    """The edits that turn a name of a library (`optim.Adam`, `Adam`) into `other` of the same module; None where that is unclear.

    `place` is any place of the file, `node` where the name is used. A bare name comes from one `from module import name`: `other` is
    added to it, unless the file imports it from there already.
    """
    whole = Place(place.source, node).span
    if isinstance(node, ast.Attribute):
        return (Edit(whole, f"{text(place, node.value)}.{other}"),)
    if not isinstance(node, ast.Name):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(place.source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    imports = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    here = [(one, alias) for one in imports for alias in one.names if (alias.asname or alias.name) == node.id]
    if len(here) != 1:
        return None  # imported twice, or from a `*`
    statement, alias = here[0]
    same = [a for one in imports for a in one.names if (one.module, one.level) == (statement.module, statement.level) and a.name == other]
    if same:
        return (Edit(whole, same[0].asname or other),)
    if _is_bound(tree, other):
        return None  # by something of their own
    at = Place(place.source, alias).span
    behind = type(at)(at.path, at.end_row, at.end_column, at.end_row, at.end_column, at.cell)
    return (Edit(whole, other), Edit(behind, f", {other}"))


def _is_bound(tree: ast.AST, name: str) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.alias) and (node.asname or node.name) == name:
            return True
        if isinstance(node, ast.arg) and node.arg == name:
            return True
    return False
