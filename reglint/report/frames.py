"""Code frames: the lines around labelled places, underlined."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reglint.source import SourceFile, Span

_TAB = 4
_WIDEST = 160  # characters of a line that are shown


@dataclass(frozen=True, slots=True)
class Label:
    """A place with what is to be said about it; the primary one is underlined with ^, others with -."""

    span: Span
    text: str
    primary: bool


def frame(labels: Iterable[Label], sources: Mapping[str, SourceFile]) -> list[str]:
    """The lines of the frames, one frame per file or cell, that of the primary label first; nothing for files not at hand."""
    groups: dict[tuple[str, int | None], list[Label]] = {}
    for label in labels:
        groups.setdefault((label.span.path, label.span.cell), []).append(label)
    shown = [(key, sorted(set(group), key=lambda b: (b.span, b.text))) for key, group in groups.items() if key[0] in sources]
    margin = max((len(str(label.span.row)) for _, group in shown for label in group), default=1)
    lines: list[str] = []
    for index, ((path, cell), group) in enumerate(shown):
        where = f"{path}:cell {cell}" if cell is not None else path
        lines.append(f"{' ' * margin} |" if index == 0 else f"{' ' * margin} ::: {where}:{group[0].span.row}")
        lines += _group(group, sources[path], margin)
    return lines


def _group(group: list[Label], source: SourceFile, margin: int) -> list[str]:
    lines: list[str] = []
    before = 0
    for row in sorted({label.span.row for label in group}):
        here = [label for label in group if label.span.row == row]
        at = source.text_row(here[0].span)
        line = source.lines[at - 1] if 0 < at <= len(source.lines) else ""
        if before and row > before + 1:
            lines.append(f"{' ' * margin} ...")
        before = row
        lines.append(f"{row:>{margin}} | {_cut(_expand(line))}".rstrip())
        # From right to left, as a label to the right of another would otherwise be underlined far below its code.
        from_right = sorted(here, key=lambda b: -b.span.column)
        lines += [f"{' ' * margin} | {_underline(label, line)}".rstrip() for label in from_right]
    return lines


def _underline(label: Label, line: str) -> str:
    start = min(label.span.column - 1, len(line))
    end = label.span.end_column - 1 if label.span.end_row == label.span.row else len(line.rstrip())
    left = width(_expand(line[:start]))
    length = max(width(_expand(line[: max(end, start)])) - left, 1)
    if left >= _WIDEST:
        return f"... {label.text}"
    sign = "^" if label.primary else "-"
    return f"{' ' * left}{sign * min(length, _WIDEST - left)} {label.text}"


def _expand(line: str) -> str:
    return line.replace("\t", " " * _TAB)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else line[: _WIDEST - 3] + "..."


def width(text: str) -> int:
    """Columns a terminal needs: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
