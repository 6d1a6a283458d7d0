"""Sources: encodings, line ends, notebooks, discovery and suppression comments."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reglint.config import Overrides, Resolver
from reglint.discovery import discover
from reglint.errors import SourceError
from reglint.findings import Report
from reglint.loading import source_from_bytes
from reglint.notebook import blank_magics
from reglint.source import SourceFile, triage

Lint = Callable[..., Report]
TORCH = "import torch\n"


def source(data: bytes, path: str = "a.py") -> SourceFile:
    """A source file from bytes."""
    return source_from_bytes(data, path, f"/{path}")


def notebook(*cells: str | tuple[str, str], **metadata: Any) -> bytes:
    """A notebook with code cells, or (type, text) for others."""
    kinds = [("code", cell) if isinstance(cell, str) else cell for cell in cells]
    made = [{"cell_type": kind, "source": text.splitlines(keepends=True), "metadata": {}} for kind, text in kinds]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.mark.parametrize(
    "data",
    [
        "é = 1\n".encode(),
        b"\xef\xbb\xbf" + "é = 1\n".encode(),
        "# coding: latin-1\né = 1\n".encode("latin-1"),
        "é = 1\r\nx = 2\r\n".encode(),
    ],
    ids=["utf-8", "bom", "pep-263", "crlf"],
)
def test_encodings(data: bytes) -> None:
    """Text has no mark and plain line ends, whatever the bytes are like; columns count characters."""
    read = source(data)
    assert "\r" not in read.text and not read.text.startswith("\ufeff")
    row = next(i for i, line in enumerate(read.lines, 1) if line.startswith("é"))
    span = read.span(row, len("é = ".encode()), row, len("é = 1".encode()))
    assert (span.column, span.end_column) == (5, 6)


def test_form_feeds_are_no_line_ends() -> None:
    """Only what Python takes for a line end is one."""
    assert source(b"x = 1\n\x0cy = '\xe2\x80\xa8'\n").lines == ("x = 1", "\x0cy = '\u2028'", "")


def test_triage() -> None:
    """Training code matters, a plain script does not."""
    assert triage(b"from torch import nn")
    assert not triage(b"print('hello')\n")


def test_notebook_cells() -> None:
    """Places count rows within the cell, and cells over all cells."""
    read = source(notebook(("markdown", "# title\n"), "import torch\n", "x = 1\ny = 2"), "a.ipynb")
    assert read.text == "import torch\n\nx = 1\ny = 2\n"
    span = read.span(4, 0, 4, 1)
    assert (span.cell, span.row, read.text_row(span)) == (2, 2, 4)


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("!pip install torch\nx = 1", "pass\nx = 1"),
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\n    y = 1", "if x:\n    pass\n    y = 1"),
        ("files = !ls\n", "files = None\n"),
        ("t = %timeit -o f()\n", "t = None\n"),
        ("a.b['c'] = !ls", "a.b['c'] = None"),
        ("model?\nx = 1", "pass\nx = 1"),
        ("?model\nx = 1", "pass\nx = 1"),
        ("!pip install \\\n  torch\nx = 1", "pass\n\nx = 1"),
        ("%time train(model)", "if 1: train(model)"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%capture out\n!ls\nx = 1", "\npass\nx = 1"),
        ("%%bash\nls\nx = 1", "\n\n"),
        ("x = (a\n% b)", "x = (a\n% b)"),
        ("!ls\ns = '''\n%d\n!x\n'''", "pass\ns = '''\n%d\n!x\n'''"),
        ("await f()", "await f()"),
    ],
)
def test_magics(cell: str, plain: str) -> None:
    """What is no Python is blanked, row by row; what only looks like it is kept."""
    assert blank_magics(cell) == (plain, None)
    ast.parse(plain)


def test_a_broken_cell_does_not_lose_the_others(lint: Lint) -> None:
    """The broken cell is a note, the cell after it is still checked."""
    report = lint({"a.ipynb": notebook("import torch\n", "def f(:\n", "x = 1\ny = 2  # bad RGL101\n")})
    assert [(f.code, f.span.cell, f.span.row) for f in report.findings] == [("RGL900", 1, 1), ("RGL101", 2, 2)]
    assert "syntax error in this cell" in report.findings[0].message


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"{", "invalid JSON"), (b"[]", "no list of cells"), (notebook("x", kernelspec={"name": "python2"}), "Python 2")],
)
def test_no_notebook(data: bytes, message: str) -> None:
    """What is no notebook of Python 3 says so."""
    with pytest.raises(SourceError, match=message):
        source(data, "a.ipynb")


def test_other_notebooks() -> None:
    """Another language is empty, format 3 keeps its cells elsewhere."""
    assert source(notebook("library(x)", language_info={"name": "R"}), "a.ipynb").text == ""
    old = {"worksheets": [{"cells": [{"cell_type": "heading", "source": "x"}, {"cell_type": "code", "input": "x = 1"}]}], "metadata": {}}
    read = source(json.dumps(old).encode(), "a.ipynb")
    assert (read.text, read.span(1, 0, 1, 1).cell) == ("x = 1\n", 1)


def found(folder: Path, *paths: str, **settings: object) -> list[str]:
    """The shown paths of what discovery finds."""
    return [target.path for target in discover(paths or (".",), Resolver(Overrides(settings), str(folder)))]


def touch(folder: Path, *names: str, **texts: str) -> None:
    """Create empty files with their folders."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")


def test_discovery(folder: Path) -> None:
    """Python files and notebooks, sorted, without what is excluded by default."""
    touch(folder, "b.py", "a/c.ipynb", "a/d.pyi", "a/e.txt", "venv/x.py", "a/build/x.py", ".venv/lib/site-packages/y.py", "wandb.py")
    assert found(folder) == ["a/c.ipynb", "b.py", "wandb.py"]
    assert found(folder, "a", "b.py", "./b.py") == ["a/c.ipynb", "b.py"]


def test_named_paths_are_taken(folder: Path) -> None:
    """What is named is looked at even if excluded, unless exclusion is forced."""
    touch(folder, "build/x.py", "build/sub/y.py", "script")
    assert found(folder, "build") == ["build/sub/y.py", "build/x.py"]
    assert found(folder, "build/x.py", "script") == ["build/x.py", "script"]
    assert found(folder, "build/x.py", force_exclude=True) == []


def test_exclusions(folder: Path) -> None:
    """--exclude replaces, --extend-exclude adds; patterns are those of .gitignore."""
    touch(folder, "a.py", "b_test.py", "sub/c_test.py", "sub/d.py", "build/e.py")
    assert found(folder, extend_exclude=("*_test.py",)) == ["a.py", "sub/d.py"]
    assert found(folder, exclude=("sub/d.py",)) == ["a.py", "b_test.py", "build/e.py", "sub/c_test.py"]
    assert found(folder, extend_exclude=("/sub/*", "!/sub/d.py")) == ["a.py", "b_test.py", "sub/d.py"]


def test_gitignore(folder: Path) -> None:
    """Nested files, negation, .git/info/exclude, and files above the starting directory in the same repository."""
    touch(folder, "a.py", "gen/b.py", "sub/gen.py", "sub/keep.py", "sub/local.py", "sub/deep/x.py", ".git/info/exclude")
    (folder / ".gitignore").write_text("/gen/\n*gen.py\nkeep.py\n")
    (folder / "sub" / ".gitignore").write_text("!keep.py\n")
    (folder / ".git" / "info" / "exclude").write_text("local.py\n")
    assert found(folder) == ["a.py", "sub/deep/x.py", "sub/keep.py"]
    assert found(folder, "sub") == ["sub/deep/x.py", "sub/keep.py"]
    assert "sub/gen.py" in found(folder, respect_gitignore=False)
    assert found(folder, "gen") == ["gen/b.py"]


def test_links(folder: Path) -> None:
    """A loop of links ends, a broken link is nothing, a link to a file is a file."""
    touch(folder, "a/x.py")
    (folder / "a" / "loop").symlink_to(folder)
    (folder / "gone.py").symlink_to(folder / "nowhere.py")
    (folder / "same.py").symlink_to(folder / "a" / "x.py")
    assert found(folder) == ["a/x.py", "same.py"]


def test_paths_outside(folder: Path) -> None:
    """Paths are relative to the working directory, also upwards."""
    touch(folder, "a/x.py", "b/y.py")
    os.chdir(folder / "b")
    assert [t.path for t in discover(["../a"], Resolver(Overrides(), str(folder / "b")))] == ["../a/x.py"]


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # bad RGL101  # reglint: ignore[RGL101] -- on purpose\n",
        "x = 1  # bad RGL101  # reglint: ignore\n",
        "x = 1  # bad RGL101  # reglint:ignore[double-l2]\n",
        "x = 1  # bad RGL101  # Reglint: ignore[rgl1]\n",
        "x = 1  # bad RGL101  # type: ignore # noqa: E501, RGL101\n",
        "x = 1  # bad RGL101 # noqa\n",
        "# reglint: ignore[RGL101] -- on purpose\nx = 1  # bad RGL101\n",
        "# reglint: ignore[RGL101]\n# and another remark\nx = 1  # bad RGL101\n",
        "x = (1,  # bad RGL101\n     2,\n     )  # reglint: ignore[RGL101]\n",
        "x = (1,  # bad RGL101\n     # reglint: ignore[RGL101]\n     2)\n",
        "x = 1  # bad RGL101\n\n# reglint: ignore-file[RGL101]\n",
        "def f():\n    # reglint: ignore[RGL101]\n    return 1  # bad RGL101\n",
    ],
)
def test_suppressed(lint: Lint, text: str) -> None:
    """Every spelling and place that silences the finding."""
    report = lint({"a.py": TORCH + text})
    assert report.findings == ()
    assert report.suppressed == 1


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x = 1  # bad RGL101  # reglint: ignore[RGL102]\n", ["RGL101", "RGL901"]),
        ("x = 1  # reglint: ignore\n", ["RGL901"]),
        ("x = 1  # noqa\n", []),
        ("x = 1  # noqa: RGL101\n", []),
        ("x = 1  # reglint: ignore[RGL299]\n", []),
        ("# reglint: ignore[RGL101]\n\nx = 1  # bad RGL101\n", ["RGL901", "RGL101"]),
        ("x = '''\n# reglint: ignore[RGL101]\n'''\n", []),
        ("x = 1  # bad RGL101  # reglint: ignore[RGL777]\n", ["RGL101", "RGL903"]),
        ("x = 1  # bad RGL101  # reglint: ingore[RGL101]\n", ["RGL101", "RGL903"]),
        ("x = 1  # bad RGL101  # reglint: ignore[]\n", ["RGL101", "RGL903"]),
        ("x = 1  # bad RGL101  # reglint: ignore[RGL101, RGL102]\n", ["RGL901"]),
        ("x = 1  # reglint: ignore[RGL101, RGL901]\n", []),
    ],
)
def test_suppressions_that_do_not_help(lint: Lint, text: str, codes: list[str]) -> None:
    """Unused ones are RGL901, wrong ones RGL903; one for a rule that is off, or for another tool, is neither."""
    assert [f.code for f in lint({"a.py": TORCH + text}).findings] == codes


def test_the_fix_of_a_half_used_suppression(lint: Lint) -> None:
    """Only the unused entry goes."""
    (finding,) = lint({"a.py": TORCH + "x = 1  # bad RGL101  # reglint: ignore[RGL101, RGL102] -- why\n"}).findings
    assert finding.fix is not None
    assert finding.fix.edits[0].content == "# reglint: ignore[RGL101] -- why"


def test_suppression_in_a_notebook(lint: Lint) -> None:
    """Comments hold within their cell."""
    report = lint({"a.ipynb": notebook("import torch\n", "x = 1  # bad RGL101  # reglint: ignore\n", "x = 1  # bad RGL101\n")})
    assert [(f.code, f.span.cell) for f in report.findings] == [("RGL101", 2)]
