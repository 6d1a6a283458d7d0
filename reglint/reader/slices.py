"""The definitions of an imported module, parsed when they are asked for.

A module of a library has hundreds of definitions, of which a program uses a few. Functions and classes at the margin are
found by their first line; all else of the module is parsed at once, with the definitions blanked, and a definition when it
is asked for. Where a cut does not hold, as in a text in quotes that begins a line with `def`, the file is parsed as a whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reglint.errors import SourceError
from reglint.reader.tree import parse_text
from reglint.source import SourceFile

_HEAD = re.compile(r"^(?:(?:@[^\n]*\n(?:[ \t)\]}#][^\n]*\n|\n)*)*)(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_CLASS = re.compile(r"^class\b", re.MULTILINE)
_MARGIN = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)


@dataclass(slots=True)
class Slice:
    """A function or class at the margin of a file: its rows, from 1, and its node once it has been asked for."""

    name: str
    row: int
    text: str
    _nodes: list[ast.stmt] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """Is it a class, as far as its first line says?"""
        return _CLASS.search(self.text) is not None

    @property
    def is_parsed(self) -> bool:
        """Has somebody asked for it?"""
        return bool(self._nodes)

    def node(self) -> ast.stmt:
        """Parse it, once. Raises SourceError where the text was cut in the wrong place."""
        if not self._nodes:
            nodes = parse_text("\n" * (self.row - 1) + self.text).body
            if len(nodes) != 1:
                raise SourceError("no single definition")
            self._nodes = nodes
        return self._nodes[0]


def cut(source: SourceFile) -> tuple[list[Slice], list[ast.stmt]] | None:
    """The definitions at the margin of a file, and all its other statements parsed; None where it cannot be cut."""
    text = source.text
    slices: list[Slice] = []
    rest: list[str] = []
    done = row = 0
    for start, end, name in _definitions(text):
        rest.append(text[done:start])
        row += text.count("\n", done, start)
        part = text[start:end]
        slices.append(Slice(name, row + 1, part))
        rows = part.count("\n")
        rest.append("\n" * rows)
        row += rows
        done = end
    rest.append(text[done:])
    try:
        others = parse_text("".join(rest)).body
    except SourceError:
        return None
    ends = [(node.lineno, node.end_lineno or node.lineno) for node in others if node.end_lineno != node.lineno]
    if any(first < one.row <= last for first, last in ends for one in slices):
        return None  # a definition in a text in quotes
    return slices, others


def _definitions(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of each definition; it ends where the next thing at the margin begins."""
    at = 0
    while (head := _HEAD.search(text, at)) is not None:
        following = _MARGIN.search(text, head.end())
        at = following.start() if following is not None else len(text)
        yield head.start(), at, head[1]
