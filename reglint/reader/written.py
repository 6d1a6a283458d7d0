"""How a call is written: its arguments as they stand in the source. For fixes; what they mean is in the events."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from reglint.findings import Edit
from reglint.source import HasPosition, Place, Span


@dataclass(frozen=True, slots=True)
class Written:
    """One argument: `name` of a keyword, `position` (from 0) of the others. `span` covers `name=value`, `value` the value alone."""

    name: str | None
    position: int | None
    span: Span
    value: Span
    text: str


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """The arguments of a call in order; `function` is the name of what is called, `whole` the call with its parentheses."""

    arguments: tuple[Written, ...]
    function: Span
    whole: Span

    def appended(self, argument: str) -> Edit:
        """Add an argument behind the last one."""
        if self.arguments:
            last = self.arguments[-1].span
            return Edit(_point(last, last.end_row, last.end_column), f", {argument}")
        return Edit(_point(self.whole, self.whole.end_row, self.whole.end_column - 1), argument)

    def named(self, name: str, position: int | None) -> Written | None:
        """The argument of that name, or at that position; None where it is not given."""
        for one in self.arguments:
            if one.name == name or (one.position is not None and one.position == position):
                return one
        return None


def _point(span: Span, row: int, column: int) -> Span:
    return Span(span.path, row, column, row, column, span.cell)


def written_call(place: Place) -> WrittenCall | None:
    """The call at a place; None where there is none, or where `*` or `**` hides what is passed."""
    node = place.node
    if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        return None
    positional = (_written(place, None, index, value, value) for index, value in enumerate(node.args))
    named = (_written(place, keyword.arg, None, keyword, keyword.value) for keyword in node.keywords)
    return WrittenCall((*positional, *named), Place(place.source, node.func).span, place.span)


def _written(place: Place, name: str | None, position: int | None, whole: HasPosition, value: ast.expr) -> Written:
    return Written(name, position, Place(place.source, whole).span, Place(place.source, value).span, text(place, value))


def text(place: Place, node: ast.expr) -> str:
    """The source text of a node that stands in the file of `place`."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    rows = [row.encode() for row in place.source.lines[first : last + 1]]
    rows[-1] = rows[-1][: node.end_col_offset]
    rows[0] = rows[0][node.col_offset :]
    return b"\n".join(rows).decode()


def spelled(place: Place, limit: int = 40) -> str:
    """What stands at a place on one line, shortened to `limit` characters."""
    node = place.node
    found = " ".join(text(place, node).split()) if isinstance(node, ast.expr) else ""
    return found if len(found) <= limit else f"{found[: limit - 1]}…"
