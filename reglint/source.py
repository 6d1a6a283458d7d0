"""A file under analysis: its text, its lines, its notebook cells, and places in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


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
class SourceFile:
    """One Python file, or the code cells of one notebook joined into one text (magics blanked, rows kept).

    `path` is relative to the working directory with forward slashes and is what findings show;
    `absolute` is where it was read. `lines` are without line ends.
    """

    path: str
    absolute: str
    text: str
    lines: tuple[str, ...] = field(repr=False)
    cells: tuple[Cell, ...] | None = None

    def span(self, row: int, column_bytes: int, end_row: int, end_column_bytes: int) -> Span:
        """Turn the positions of a syntax node (row from 1, UTF-8 byte offset from 0) into a Span."""
        column = self._character(row, column_bytes) + 1
        end_column = self._character(end_row, end_column_bytes) + 1
        if self.cells is None:
            return Span(self.path, row, column, end_row, end_column)
        cell = next((c for c in reversed(self.cells) if c.first_row <= row), self.cells[0])
        shift = cell.first_row - 1
        return Span(self.path, row - shift, column, end_row - shift, end_column, cell.index)

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


@dataclass(frozen=True, slots=True)
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
