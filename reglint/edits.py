"""Text edits on the bytes of a file: encoding, byte order mark, line ends and everything around the edits stay as they are."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise

from reglint.errors import SourceError
from reglint.findings import Edit
from reglint.loading import decode, source_from_bytes
from reglint.source import SourceFile, Span

_BREAK = re.compile(r"\r\n|\r|\n")
_ALWAYS = frozenset({*dir(builtins), "__file__", "__name__", "__doc__", "__path__", "get_ipython", "display"})
Point = tuple[int, int]


class Doubt(Exception):
    """An edit cannot be made without guessing: the file is left alone."""


def rewrite(data: bytes, path: str, edits: Iterable[Edit]) -> bytes:
    """The bytes of a file (a notebook by the end of `path`) after some edits. Raises Doubt."""
    if path.endswith(".ipynb"):
        from reglint.notebook_edits import rewrite_notebook  # most runs change no notebook

        return rewrite_notebook(data, path, tuple(edits))
    try:
        text, encoding = decode(data)
    except SourceError as error:
        raise Doubt(str(error)) from error
    if text.encode(encoding) != data:
        raise Doubt(f"its bytes are not what {encoding} would write")  # several encodings have more than one way to write a letter
    try:
        return replaced(text, edits).encode(encoding)
    except UnicodeEncodeError as error:
        raise Doubt(f"the fix cannot be written in {encoding}") from error


def replaced(text: str, edits: Iterable[Edit]) -> str:
    """A text after edits by row and column; new lines end as the first one does. Raises Doubt where edits overlap."""
    breaks = list(_BREAK.finditer(text))
    newline = breaks[0][0] if breaks else "\n"
    starts, ends = [0, *(b.end() for b in breaks)], [*(b.start() for b in breaks), len(text)]
    changes = [(_offset(starts, ends, first), _offset(starts, ends, last), content) for first, last, content in sorted(_distinct(edits))]
    for (start, end, _), (following, following_end, _) in pairwise(changes):
        if end > following or (start, end) == (following, following_end):
            raise Doubt("two edits overlap")
    for start, end, content in reversed(changes):
        text = text[:start] + content.replace("\n", newline) + text[end:]
    return text


def _distinct(edits: Iterable[Edit]) -> set[tuple[Point, Point, str]]:
    """Two fixes may want the same edit, such as the same import."""
    return {((e.span.row, e.span.column), (e.span.end_row, e.span.end_column), e.content) for e in edits}


def _offset(starts: list[int], ends: list[int], point: Point) -> int:
    row, column = point
    if not 0 < row <= len(starts) or not 0 < column <= ends[row - 1] - starts[row - 1] + 1:
        raise Doubt("an edit lies outside of the text")
    return starts[row - 1] + column - 1


def conflict(one: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Do the edits of two fixes touch each other? Equal ones do not."""
    return any(a != b and _touch(a.span, b.span) for a in one for b in other)


def _touch(a: Span, b: Span) -> bool:
    if (a.path, a.cell) != (b.path, b.cell):
        return False
    return (a.row, a.column) <= (b.end_row, b.end_column) and (b.row, b.column) <= (a.end_row, a.end_column)


def ensure_sound(before: bytes, after: bytes, path: str) -> None:
    """Raises Doubt unless the new text still parses, in the same cells, and uses no name that nothing binds any more."""
    try:
        old, new = source_from_bytes(before, path, path), source_from_bytes(after, path, path)
    except SourceError as error:
        raise Doubt(str(error)) from error
    if len(new.blanked) > len(old.blanked) or [c.index for c in old.cells or ()] != [c.index for c in new.cells or ()]:
        raise Doubt("a cell could not be read any more")
    left = _unbound(new) - _unbound(old)
    if left:
        raise Doubt(f"nothing would bind {', '.join(sorted(left))}")


def _unbound(source: SourceFile) -> set[str]:
    """Names that are read and that nothing in the file binds, in whatever scope; nothing where `import *` may bind anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise Doubt("it would not parse") from error
    read: set[str] = set()
    bound: set[str] = set(_ALWAYS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            if node.name == "*":
                return set()
            bound.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
    return read - bound
