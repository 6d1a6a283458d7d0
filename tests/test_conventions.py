"""Conventions that no linter checks: messages, module names, docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reglint.checks import all_rules

TOP = Path(__file__).parent.parent
FILES = sorted(p for p in (TOP / "reglint").rglob("*.py") if "_rules" not in p.parts)
SHORT = [str(path.relative_to(TOP)) for path in FILES]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_summaries(rule: object) -> None:
    """A rule's summary is one sentence in lower case without a period, at most 100 characters."""
    summary = str(getattr(rule, "summary", ""))
    assert summary and len(summary) <= 100 and not summary.endswith(".")
    assert summary[0] == summary[0].lower() or summary.split()[0].isupper() or not summary[0].isalpha() or summary[:2].isupper()


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """(row, text) of every message given to `finding(span, message)` or `Finding(code, name, level, message)`, {} for values."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = {"finding": 1, "Finding": 3}.get(name)
        if position is None or len(node.args) <= position:
            continue
        yield from ((node.lineno, text) for text in _texts(node.args[position]))


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


@pytest.mark.parametrize("path", FILES, ids=SHORT)
def test_messages(path: Path) -> None:
    """Messages start in lower case (or with a name or a sign), have no final period and are short."""
    for row, text in messages(path):
        where = f"{path.name}:{row}: {text}"
        assert len(text) <= 100, where
        assert not text.endswith("."), where
        assert not re.match(r"[A-Z][a-z]+ ", text), where


@pytest.mark.parametrize("path", FILES, ids=SHORT)
def test_docstrings_and_names(path: Path) -> None:
    """Modules and public functions and classes have docstrings; no module is a drawer for odds and ends."""
    assert path.stem not in ("utils", "util", "helpers", "common", "misc")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{path.name} has no docstring"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"


@pytest.mark.parametrize("path", FILES, ids=SHORT)
def test_broad_excepts_give_their_reason(path: Path) -> None:
    """`except Exception` and wider carry a comment on their line, unless they raise again."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ExceptHandler) or isinstance(node.body[-1], ast.Raise):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in caught):
            assert "#" in lines[node.lineno - 1] + lines[node.lineno], f"{path.name}:{node.lineno}: say why"
