"""Edits in a notebook's JSON text: only the string literals of the changed source lines are written anew."""

from __future__ import annotations

import codecs
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from reglint.edits import Doubt, replaced
from reglint.errors import SourceError
from reglint.findings import Edit
from reglint.notebook import read_notebook
from reglint.source import SourceFile, Span

_decode = json.JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\n\r]*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPED_LETTER = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class _Literal:
    """A JSON string in the text of the notebook: from `start` up to `end`, and what it says."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class _CellSource:
    """The source of one cell: one literal, or (`listed`) a list of them that begins at `start`."""

    start: int
    listed: bool
    literals: tuple[_Literal, ...]

    @property
    def text(self) -> str:
        return "".join(literal.value for literal in self.literals)


def rewrite_notebook(data: bytes, path: str, edits: tuple[Edit, ...]) -> bytes:
    """The bytes of a notebook after edits in its cells. Raises Doubt."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        text, source = data[len(mark) :].decode("utf-8"), read_notebook(data, path, path)
        sources = _cell_sources(text)
    except (UnicodeDecodeError, SourceError, json.JSONDecodeError, RecursionError, IndexError) as error:
        raise Doubt(f"not a notebook that can be changed: {error}") from error
    by_cell: dict[int, list[Edit]] = defaultdict(list)
    for edit in edits:
        by_cell[-1 if edit.span.cell is None else edit.span.cell].append(edit)
    ascii_only = text.isascii() and _ESCAPED_LETTER.search(text) is not None
    wanted: dict[int, str] = {}
    changes: list[tuple[int, int, str]] = []
    for index, here in by_cell.items():
        cell = sources.get(index)
        if cell is None:
            raise Doubt(f"there is no code cell {index}")
        _ensure_as_seen(cell.text, source, here)
        wanted[index] = replaced(cell.text, here)
        changes += _changes(text, cell, wanted[index], ascii_only)
    for start, end, content in sorted(changes, reverse=True):
        text = text[:start] + content + text[end:]
    after = mark + text.encode("utf-8")
    _ensure_nothing_else(data, after, wanted)
    return after


def file_rows(data: bytes) -> dict[int, tuple[int, ...]]:
    """The row of the .ipynb file, from 1, that each row of each code cell stands in; nothing for what is no notebook."""
    try:
        text = data.decode("utf-8-sig")
        sources = _cell_sources(text)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, IndexError, KeyError):
        return {}
    found: dict[int, tuple[int, ...]] = {}
    for index, cell in sources.items():
        rows: list[int] = []
        for literal in cell.literals:
            # A literal without a line break goes on in the next one, which then is in the same row of the cell.
            row = text.count("\n", 0, literal.start) + 1
            rows += [row] * max(len(literal.value.splitlines()), 1)
        found[index] = tuple(rows)
    return found


def _ensure_as_seen(text: str, source: SourceFile, edits: list[Edit]) -> None:
    """Raises Doubt where an edit replaces what was read differently, such as a magic that was blanked."""
    lines = re.split(r"\r\n|\r|\n", text)
    for edit in edits:
        at, span = source.text_row(edit.span), edit.span
        rows = span.end_row - span.row + 1
        if _cut(source.lines[at - 1 : at - 1 + rows], span) != _cut(tuple(lines[span.row - 1 : span.end_row]), span):
            raise Doubt("the cell has a magic where the edit would be")


def _cut(lines: tuple[str, ...], span: Span) -> str:
    if not lines:
        raise Doubt("an edit lies outside of the cell")
    last = lines[-1][: span.end_column - 1]
    return "\n".join((*lines[:-1], last))[span.column - 1 :]


def _changes(text: str, cell: _CellSource, new: str, ascii_only: bool) -> Iterator[tuple[int, int, str]]:
    """(start, end, content) of the stretches of the JSON text to replace, for one cell."""

    def written(values: list[str], separator: str) -> str:
        return separator.join(json.dumps(value, ensure_ascii=ascii_only) for value in values)

    literals = cell.literals
    if not cell.listed:
        yield literals[0].start, literals[0].end, written([new], "")
        return
    before, after = [literal.value for literal in literals], _LINE.findall(new)
    if not literals or before != _LINE.findall(cell.text):
        raise Doubt("the source of the cell is not kept line by line")
    between = _between(text, cell)
    for kind, i, j, a, b in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace":
            yield literals[i].start, literals[j - 1].end, written(after[a:b], between)
        elif kind == "insert" and i < len(literals):
            yield literals[i].start, literals[i].start, written(after[a:b], between) + between
        elif kind == "insert":
            yield literals[-1].end, literals[-1].end, between + written(after[a:b], between)
        elif kind == "delete" and j < len(literals):
            yield literals[i].start, literals[j].start, ""
        elif kind == "delete":
            yield (literals[i - 1].end if i else literals[0].start), literals[-1].end, ""


def _between(text: str, cell: _CellSource) -> str:
    """The comma and the white space between two literals, as the program that saved the notebook writes them."""
    literals = cell.literals
    if len(literals) > 1:
        return text[literals[0].end : literals[1].start]
    if text[cell.start + 1] != '"':
        return "," + text[cell.start + 1 : literals[0].start]
    # All on one line: as between the members of the notebook itself.
    for start in _members(text, _skip(text, 0)).values():
        end = _skip(text, _decode(text, start)[1])
        if text[end] == ",":
            return text[end : _skip(text, end + 1)]
    return ","


def _ensure_nothing_else(before: bytes, after: bytes, wanted: dict[int, str]) -> None:
    """Raises Doubt unless the notebook is the old one with other sources in the wanted cells."""
    old, new = (json.loads(data.decode("utf-8-sig")) for data in (before, after))
    for index, (mine, other) in enumerate(zip(_cells(old), _cells(new), strict=True)):
        key = "source" if "source" in mine else "input"
        if index in wanted:
            source = other.get(key)
            if ("".join(source) if isinstance(source, list) else source) != wanted[index]:
                raise Doubt("the cell would not hold what was meant")
            mine[key] = source
    if old != new:
        raise Doubt("more than the cell would change")


def _cells(book: dict[str, Any]) -> list[Any]:
    return book.get("cells") or [cell for sheet in book.get("worksheets", ()) for cell in sheet.get("cells", ())]


def _cell_sources(text: str) -> dict[int, _CellSource]:
    """Where the sources of the code cells stand in the JSON text, by index over all cells."""
    book = _members(text, _SPACE.match(text).end())  # type: ignore[union-attr]  # matches everywhere
    starts = list(_items(text, book["cells"])) if "cells" in book else []
    if not starts and "worksheets" in book:
        sheets = (_members(text, at) for at in _items(text, book["worksheets"]))
        starts = [at for sheet in sheets if "cells" in sheet for at in _items(text, sheet["cells"])]
    found: dict[int, _CellSource] = {}
    for index, at in enumerate(starts):
        cell = _members(text, at) if text[at] == "{" else {}
        where = cell.get("source", cell.get("input"))
        if where is None or _decode(text, cell.get("cell_type", where))[0] != "code":
            continue  # text, or damaged
        listed = text[where] == "["
        literals = tuple(_Literal(start, *reversed(_decode(text, start))) for start in (_items(text, where) if listed else [where]))
        if all(isinstance(literal.value, str) for literal in literals):
            found[index] = _CellSource(where, listed, literals)
    return found


def _members(text: str, at: int) -> dict[str, int]:
    """Where the values of the object that begins at `at` begin; of a key given twice the last one counts, as for `json`."""
    found: dict[str, int] = {}
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        found[key] = start
        at = _next(text, start)
    return found


def _items(text: str, at: int) -> Iterator[int]:
    """Where the items of the list that begins at `at` begin."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _next(text, at)


def _next(text: str, start: int) -> int:
    """Behind the value that begins at `start`, and behind the comma after it."""
    at = _skip(text, _decode(text, start)[1])
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
