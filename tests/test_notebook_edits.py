"""Fixes in notebooks: one changed source line changes one line of the .ipynb."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reglint.cli import main
from reglint.edits import Doubt, rewrite
from reglint.findings import Edit
from reglint.notebook import code_cells
from reglint.source import Span

OLD = ["import torch.nn as nn\n", "# ж\n", "criterion = nn.MSELoss(size_average=False)\n", "x = 1"]


def book(*sources: Any, **extra: Any) -> dict[str, Any]:
    """A notebook of format 4 with code cells."""
    cells = [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source} for source in sources]
    return {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# t"]}, *cells],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    } | extra


def saved(data: Any, **options: Any) -> bytes:
    """As Jupyter writes it."""
    return (json.dumps(data, **{"indent": 1, "ensure_ascii": False, **options}) + "\n").encode()


def edit(cell: int, row: int, column: int, end_row: int, end_column: int, content: str) -> Edit:
    """An edit in a cell."""
    return Edit(Span("b.ipynb", row, column, end_row, end_column, cell), content)


def changed(before: bytes, after: bytes) -> list[str]:
    """The lines that differ, with - and +."""
    lines = difflib.unified_diff(before.decode().splitlines(), after.decode().splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize("options", [{}, {"indent": 4}, {"ensure_ascii": True}, {"indent": None}, {"sort_keys": True}, {"indent": "\t"}])
def test_one_line(folder: Path, capfd: pytest.CaptureFixture[str], options: dict[str, Any]) -> None:
    """`--fix` changes the literal of the flagged line and nothing else, however the notebook was saved."""
    before = saved(book(["y = 0"], OLD), **options)
    (folder / "b.ipynb").write_bytes(before)
    assert main(["--fix", "b.ipynb"]) == 0
    after = (folder / "b.ipynb").read_bytes()
    fixed = [line.replace("size_average=False", 'reduction="sum"') for line in OLD]
    assert json.loads(after) == book(["y = 0"], fixed)
    assert after == saved(book(["y = 0"], fixed), **options)
    assert len(changed(before, after)) == 2
    capfd.readouterr()


def test_diff_names_the_cell(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`--diff` shows the cell's text, not JSON."""
    (folder / "b.ipynb").write_bytes(saved(book(OLD)))
    assert main(["--diff", "b.ipynb"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("--- b.ipynb:cell 1\n+++ b.ipynb:cell 1\n") and '\n+criterion = nn.MSELoss(reduction="sum")\n' in out


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit(1, 1, 1, 1, 1, "import os\n"), ["import os\n", "a\n", "b\n", "c"]),
        (edit(1, 3, 2, 3, 2, "\nd"), ["a\n", "b\n", "c\n", "d"]),
        (edit(1, 2, 1, 3, 1, ""), ["a\n", "c"]),
        (edit(1, 2, 2, 3, 2, ""), ["a\n", "b"]),
        (edit(1, 1, 1, 3, 1, ""), ["c"]),
        (edit(1, 1, 1, 3, 2, ""), []),
        (edit(1, 1, 2, 2, 1, " + "), ["a + b\n", "c"]),
        (edit(1, 2, 1, 2, 2, 'é"\\'), ["a\n", 'é"\\\n', "c"]),
    ],
)
def test_lines_come_and_go(change: Edit, expected: list[str]) -> None:
    """Lines are added and removed with their commas; the rest of the file keeps its bytes."""
    before = saved(book(["a\n", "b\n", "c"], ["z"]))
    after = rewrite(before, "b.ipynb", [change])
    assert json.loads(after) == book(expected, ["z"])
    if expected:
        assert after == saved(book(expected, ["z"]))


def test_a_source_in_one_string() -> None:
    """Some programs keep the source of a cell in one string; it stays one."""
    before = saved(book("a\nb\n"))
    assert rewrite(before, "b.ipynb", [edit(1, 2, 1, 2, 2, "c")]) == saved(book("a\nc\n"))


def test_old_format() -> None:
    """Notebooks of format 3 keep their cells in worksheets, as `input`."""
    data = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"], "language": "python", "outputs": []}]}], "nbformat": 3}
    data["metadata"] = {"name": ""}
    after = rewrite(saved(data), "b.ipynb", [edit(0, 2, 1, 2, 2, "c")])
    assert json.loads(after)["worksheets"][0]["cells"][0]["input"] == ["a\n", "c"]


@pytest.mark.parametrize(
    ("data", "change", "why"),
    [
        (saved(book(["!ls a\n", "b"])), edit(1, 1, 1, 1, 5, "x"), "magic"),
        (saved(book(["a\nb\n", "c"])), edit(1, 1, 1, 1, 2, "x"), "line by line"),
        (saved(book(["a"])), edit(0, 1, 1, 1, 2, "x"), "no code cell 0"),
        (saved(book(["a"])), edit(1, 5, 1, 5, 2, "x"), "outside of the cell"),
        (b"{", edit(0, 1, 1, 1, 1, "x"), "not a notebook"),
    ],
)
def test_doubts(data: bytes, change: Edit, why: str) -> None:
    """What cannot be changed without guessing is refused."""
    with pytest.raises(Doubt, match=why):
        rewrite(data, "b.ipynb", [change])


def test_every_line_of_every_cell(folder: Path) -> None:
    """Whatever line is changed, the bytes are those that the same program would have saved."""
    sources = [["%matplotlib inline\n", "import os\n", "\n", "s = 'é\\t\"'"], ["\n"], ["for i in range(3):\n", "    print(i)\n"]]
    before = saved(book(*sources))
    for index, text in code_cells(json.loads(before)):
        for row, line in enumerate(text.split("\n"), 1):
            if line.startswith("%"):
                continue
            after = rewrite(before, "b.ipynb", [edit(index, row, 1, row, 1, "#")])
            wanted = [list(source) for source in sources]
            lines = text.split("\n")
            lines[row - 1] = f"#{line}"
            wanted[index - 1] = "\n".join(lines).splitlines(keepends=True)
            assert after == saved(book(*wanted))


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="%!?"), max_size=8).map(lambda text: f"# {text}")


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=5), st.lists(LINE, max_size=3), st.data(), st.sampled_from([1, 4, None]), st.booleans())
def test_any_edit_in_any_cell(lines: list[str], new: list[str], data: st.DataObject, indent: int | None, ascii_only: bool) -> None:
    """Whatever is replaced by whatever, the result is what saving the changed notebook would have written."""
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    column = data.draw(st.integers(1, len(lines[first - 1]) + 1))
    end_column = data.draw(st.integers(column if first == last else 1, len(lines[last - 1]) + 1))
    before = saved(book(["y"], _kept("\n".join(lines))), indent=indent, ensure_ascii=ascii_only)
    content = "\n".join(new)
    text = "\n".join(lines)
    start = sum(len(line) + 1 for line in lines[: first - 1]) + column - 1
    end = sum(len(line) + 1 for line in lines[: last - 1]) + end_column - 1
    after = rewrite(before, "b.ipynb", [edit(2, first, column, last, end_column, content)])
    assert json.loads(after) == book(["y"], _kept(text[:start] + content + text[end:]))
    if _kept(text[:start] + content + text[end:]) and not ascii_only:
        assert after == saved(book(["y"], _kept(text[:start] + content + text[end:])), indent=indent, ensure_ascii=ascii_only)


def test_a_line_more_in_a_notebook_on_one_line() -> None:
    """A cell of one line shows no separator; the rest of the notebook does."""
    for separators in ((", ", ": "), (",", ":")):
        before = json.dumps(book(["a"]), separators=separators).encode()
        after = rewrite(before, "b.ipynb", [edit(1, 1, 1, 1, 2, "a\nb")])
        assert after == json.dumps(book(["a\n", "b"]), separators=separators).encode()


def _kept(text: str) -> list[str]:
    """The source of a cell as Jupyter keeps it: lines with their ends, where only a line feed ends one."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
