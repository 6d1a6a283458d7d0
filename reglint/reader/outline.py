"""What a file defines, what each definition can reach by name, and the signs in its text; small, and independent of the tree.

A unit is a top-level function, class or variable, or the main part (named ""). `names` are those of its words that the
file binds; `through` are the dotted tails behind names of modules (`nn.functional.dropout` after `nn`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reglint.reader import lazy, shapes, words
from reglint.reader.roots import definitions, is_script, main_part
from reglint.reader.signs import Sign
from reglint.source import SourceFile

# A comment, unless a quote stands before it on its line: then it may be part of a string.
_COMMENT = re.compile(r"^([^'\"#\n]*)#[^\n]*", re.MULTILINE)
_INNER_IMPORT = re.compile(r"^[ \t]+(?:from|import)\s", re.MULTILINE)
Import = tuple[int, str, str]  # (level, module, member); an empty member is the module itself
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Unit:
    """One definition. `through`: (name of a module, dotted tail, EVERYTHING where the module is handed on as a whole)."""

    signs: int
    names: tuple[str, ...] = ()
    through: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The units of a file by name. `runs`: it has a main part; `script`: it is made to be run. `roots`: its functions and classes.

    `known`: False where the text as a whole showed that nothing in the file matters by itself, and nobody has looked closer.
    """

    runs: bool = False
    script: bool = False
    units: dict[str, Unit] = field(default_factory=dict)
    imports: dict[str, tuple[Import, ...]] = field(default_factory=dict)
    stars: tuple[Import, ...] = ()
    roots: frozenset[str] = frozenset()
    known: bool = True


def outline(source: SourceFile, tree: ast.Module) -> Outline:
    """Look at every definition of a file once."""
    imports, stars = _imports(tree, source.text)
    top = lazy.index(tree)
    bound = {name: top.nodes(name) for name in top.statements}
    nested = {node.name: node for node in definitions(tree.body)}
    known = {*bound, *nested, *imports}
    view = _View(source, frozenset(known), imports, bool(stars))
    units: dict[str, Unit] = {}
    for name, statements in bound.items():
        found = [view.unit(node) for node in statements if not isinstance(node, (ast.Import, ast.ImportFrom))]
        if found:
            units[name] = _joined(found)
    for name, definition in nested.items():
        units[name] = _joined([view.unit(definition), *([units[name]] if name in units and definition not in bound.get(name, ()) else [])])
    runs = main_part(tree)
    if runs:
        left_out = (ast.Import, ast.ImportFrom) if is_script(tree) else (ast.Import, ast.ImportFrom, *_DEFINITIONS)
        body = [node for node in tree.body if not isinstance(node, left_out)]
        units[""] = _joined([view.executed(node) if isinstance(node, _DEFINITIONS) else view.unit(node) for node in body])
    return Outline(runs, runs and is_script(tree), units, imports, stars, frozenset(nested))


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _joined(units: list[Unit]) -> Unit:
    if len(units) == 1:
        return units[0]
    found = Sign.NONE
    for unit in units:
        found |= unit.signs
    names = dict.fromkeys(name for unit in units for name in unit.names)
    return Unit(found, tuple(names), tuple(dict.fromkeys(one for unit in units for one in unit.through)))


class _View:
    """The text of a file, cut at its definitions."""

    def __init__(self, source: SourceFile, known: frozenset[str], imports: dict[str, tuple[Import, ...]], stars: bool) -> None:
        self._lines = source.lines
        self._known = known
        self._imports = imports
        self._stars = stars
        self._cache: dict[int, Unit] = {}

    def unit(self, node: ast.stmt) -> Unit:
        """All of a statement."""
        found = self._cache.get(id(node))
        if found is None:
            parts = [self._piece(*piece) for piece in _pieces(node)]
            if isinstance(node, ast.ClassDef):
                parts.append(Unit(shapes.of_class("\n".join(self._lines[node.lineno - 1 : node.end_lineno]))))
            found = self._cache[id(node)] = _joined(parts)
        return found

    def executed(self, node: Definition) -> Unit:
        """What of a definition runs where it stands: decorators, defaults, and a class's own statements."""
        first, last = _first(node), node.body[0].lineno - 1
        head = self._piece(first, max(last, node.lineno), frozenset(), "")
        if not isinstance(node, ast.ClassDef):
            return head
        inner = [self.executed(n) if isinstance(n, _DEFINITIONS) else self.unit(n) for n in node.body]
        return _joined([head, *inner])

    def _piece(self, first: int, last: int, without: frozenset[int], name: str) -> Unit:
        """The lines from `first` to `last`, without some rows."""
        rows = range(first, last + 1)
        kept = self._lines[first - 1 : last] if not without else [self._lines[row - 1] for row in rows if row not in without]
        text = _COMMENT.sub(r"\1", "\n".join(kept))
        dotted = words.dotted_in_text(text)
        single = {word for one in dotted for word in one.split(".")}
        found = _signs(single, text, name)
        own = {word for word in single if word.isidentifier()} if self._stars else single & self._known
        modules = own & self._imports.keys()
        for alias in modules:
            for _, module, member in self._imports[alias]:
                if alias != member and alias != module.partition(".")[0]:
                    found |= words.of_alias(member or module)
        return Unit(found, tuple(sorted(own)), tuple(sorted(_tails(dotted, modules))) if modules else ())


def _signs(single: set[str], text: str, name: str) -> int:
    found = words.look_up(single)
    found |= shapes.of_shape(found, text, name)
    if found & Sign.ACTIVATION and not shapes.activates(text):
        found &= ~Sign.ACTIVATION
    return found & words.SIGNS


def _tails(dotted: set[str], modules: set[str]) -> Iterator[tuple[str, str]]:
    """How the names of imports go on: (name, "a.b"), EVERYTHING where a name stands alone."""
    for one in dotted:
        head, _, tail = one.partition(".")
        if head in modules:
            yield head, tail if tail and "__dict__" not in tail else EVERYTHING


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _pieces(node: ast.stmt) -> Iterator[tuple[int, int, frozenset[int], str]]:
    """(first row, last row, rows to leave out, name): the methods of a class on their own, docstrings left out."""
    end = node.end_lineno or node.lineno
    if not isinstance(node, _DEFINITIONS):
        yield _first(node), end, frozenset(), ""
        return
    inner = [n for n in node.body if isinstance(n, _DEFINITIONS)] if isinstance(node, ast.ClassDef) else []
    left_out = set(_docstring(node))
    for method in inner:
        yield from _pieces(method)
        left_out.update(range(_first(method), (method.end_lineno or method.lineno) + 1))
    yield _first(node), end, frozenset(left_out), node.name


def _docstring(node: Definition) -> range:
    first = node.body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return range(0)
    end = first.end_lineno or first.lineno
    shared = first.lineno == node.lineno or (len(node.body) > 1 and node.body[1].lineno == end)
    return range(first.lineno, end if shared else end + 1)  # its last row may hold another statement


def _imports(tree: ast.Module, text: str) -> tuple[dict[str, tuple[Import, ...]], tuple[Import, ...]]:
    """Which name means which import, anywhere in the file; and the star imports."""
    found: dict[str, tuple[Import, ...]] = {}
    stars: list[Import] = []
    deep = _INNER_IMPORT.search(text) is not None
    for node in _statements(tree.body) if deep else iter(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = (*found.get(name, ()), (0, alias.name if alias.asname else name, ""))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                one = (node.level, node.module or "", alias.name)
                if alias.name == "*":
                    stars.append(one)
                else:
                    name = alias.asname or alias.name
                    found[name] = (*found.get(name, ()), one)
    return found, tuple(stars)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            stack.extend(getattr(node, part, ()))
