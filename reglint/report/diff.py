"""What `--diff` prints: unified diffs of the files, of notebooks cell by cell."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator

from reglint.fixer import Change
from reglint.loading import decode
from reglint.notebook import code_cells


def render(changes: Iterable[Change]) -> str:
    """One diff per file or cell, with paths as findings show them; `git apply -p0` understands those of plain files."""
    return "".join(line for change in changes for name, old, new in _texts(change) for line in _diff(name, old, new))


def _texts(change: Change) -> Iterator[tuple[str, str, str]]:
    if not change.path.endswith(".ipynb"):
        yield change.path, decode(change.before)[0], decode(change.after)[0]
        return
    before, after = (code_cells(json.loads(data.decode("utf-8-sig"))) for data in (change.before, change.after))
    for (index, old), (_, new) in zip(before, after, strict=True):
        yield f"{change.path}:cell {index}", old, new


def _diff(name: str, old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(_lines(old), _lines(new), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends; only "\\n" ends one, or else a form feed would tear the diff apart."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
