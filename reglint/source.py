"""A file under analysis: its text, its lines, its notebook cells, and places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from reglint.records import record


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of source text as the user sees it.

    Rows and columns count from 1, columns in characters; `end_column` is one past the last character.
    `cell` counts from 0 over all cells of a notebook, rows then within the cell; None in plain files.
    """

    path: str
    row: int
    column: int
    end_row: int
    end_column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell of a notebook inside the joined text: `index` over all cells, `first_row` in the joined text."""

    index: int
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Blanked:
    """A part of a file that was left out because it cannot be parsed; `row` counts in the joined text, both from 1."""

    message: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file, or the code cells of one notebook joined into one text (magics blanked, rows kept).

    `path` is relative to the working directory with forward slashes and is what findings show;
    `absolute` is where it was read. `text` has "\\n" line ends and no byte order mark; `lines` are without line ends.
    `blanked` are the notebook cells left out because of syntax errors.
    """

    path: str
    absolute: str
    text: str
    lines: tuple[str, ...] = field(repr=False)
    cells: tuple[Cell, ...] | None = None
    blanked: tuple[Blanked, ...] = ()

    @classmethod
    def of(cls, path: str, absolute: str, text: str) -> SourceFile:
        """A plain file from its text; "\\r\\n" and "\\r" become "\\n"."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(path, absolute, text, tuple(text.split("\n")))

    def span(self, row: int, column_bytes: int, end_row: int, end_column_bytes: int) -> Span:
        """Turn the positions of a syntax node (row from 1, UTF-8 byte offset from 0) into a Span."""
        column = self._character(row, column_bytes) + 1
        end_column = self._character(end_row, end_column_bytes) + 1
        if not self.cells:
            return Span(self.path, row, column, end_row, end_column)
        cell = next((c for c in reversed(self.cells) if c.first_row <= row), self.cells[0])
        shift = cell.first_row - 1
        return Span(self.path, row - shift, column, end_row - shift, end_column, cell.index)

    def text_row(self, span: Span) -> int:
        """The row of a span of this file within `text` (that of a notebook is the text of all cells), from 1."""
        first = next((c.first_row for c in self.cells or () if c.index == span.cell), 1)
        return first + span.row - 1

    def _character(self, row: int, column_bytes: int) -> int:
        line = self.lines[row - 1] if 0 < row <= len(self.lines) else ""
        if line.isascii():
            return column_bytes
        return len(line.encode("utf-8")[:column_bytes].decode("utf-8", "ignore"))


class HasPosition(Protocol):
    """What a syntax node must offer to be pointed at (the field names of the standard library's ast)."""

    lineno: int
    col_offset: int
    end_lineno: int | None
    end_col_offset: int | None


@record()
class Place:
    """A syntax node in a file; cheap to create while reading, turned into a Span only for what is reported."""

    source: SourceFile
    node: HasPosition

    @property
    def span(self) -> Span:
        """The place as the user sees it."""
        node = self.node
        end_row = node.end_lineno or node.lineno
        end_column = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return self.source.span(node.lineno, node.col_offset, end_row, end_column)

    @property
    def row(self) -> int:
        """Row within the file or the notebook cell, from 1."""
        return self.span.row

    def __str__(self) -> str:
        """`train.py:14`, or `book.ipynb:cell 3:14`."""
        span = self.span
        cell = f"cell {span.cell}:" if span.cell is not None else ""
        return f"{span.path}:{cell}{span.row}"


# What training code cannot do without. A file with none of these words cannot hold a training step, whatever it calls.
_NEEDLES = re.compile(
    rb"torch|lightning|transformers|accelerate|fastai|deepspeed|optim|backward|weight_decay|loss|grad|train|numpy|sgd", re.IGNORECASE
)


def triage(data: bytes) -> bool:
    """Can a file with these bytes matter at all? Costs a fraction of a parse; errs on the side of True."""
    return _NEEDLES.search(data) is not None
