"""`--add-ignore`: comments that hold, behind the code where there is room, above it where there is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reglint.cli import main
from tests.fakes import FAKE_RULES, FakeProject

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line with the fake reader."""
    monkeypatch.setattr("reglint.engine._project", FakeProject)
    monkeypatch.setattr("reglint.engine.all_rules", lambda: FAKE_RULES)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # bad RGL101\n", "x = 1  # bad RGL101  # reglint: ignore[RGL101] -- old\n"),
        ("x = 1  # bad RGL101 bad RGL102\n", "x = 1  # bad RGL101 bad RGL102  # reglint: ignore[RGL101, RGL102] -- old\n"),
        (
            "x = f(  # bad RGL101\n    1,\n)  # bad RGL102\n",
            "x = f(  # bad RGL101  # reglint: ignore[RGL101, RGL102] -- old\n    1,\n)  # bad RGL102\n",
        ),
        (
            "x = 1  # bad RGL102 bad RGL101  # reglint: ignore[RGL102] -- why\n",
            "x = 1  # bad RGL102 bad RGL101  # reglint: ignore[RGL102, RGL101] -- why\n",
        ),
        (
            "if x:\n    # reglint: ignore[RGL102] -- why\n    x = 1  # bad RGL102 bad RGL101\n",
            "if x:\n    # reglint: ignore[RGL102, RGL101] -- why\n    x = 1  # bad RGL102 bad RGL101\n",
        ),
        (
            'x = """\n# bad RGL101\n"""\n',
            'x = """\n# bad RGL101\n"""  # reglint: ignore[RGL101] -- old\n',
        ),
        ("x = 1 + \\\n  2  # bad RGL101\n", "x = 1 + \\\n  2  # bad RGL101  # reglint: ignore[RGL101] -- old\n"),
        (
            f"if x:\n\ty = '{'a' * 90}'  # bad RGL101\n",
            f"if x:\n\t# reglint: ignore[RGL101] -- old\n\ty = '{'a' * 90}'  # bad RGL101\n",
        ),
        ("for a in b:  # bad RGL101\n    pass\n", "for a in b:  # bad RGL101  # reglint: ignore[RGL101] -- old\n    pass\n"),
        ("x = 1  # bad RGL101   \r\ny = 2\r\n", "x = 1  # bad RGL101  # reglint: ignore[RGL101] -- old\r\ny = 2\r\n"),
    ],
)
def test_where_the_comment_goes(folder: Path, run: Run, before: str, after: str) -> None:
    """The comment silences what it was added for, adds no finding of its own, and a second run adds nothing."""
    path = folder / "a.py"
    path.write_bytes(("import torch\n" + before).encode())
    code, out, err = run("--add-ignore", "--reason", "old", "--output-format", "concise", "a.py")
    assert path.read_bytes().decode() == "import torch\n" + after
    assert (code, out) == (0, "") and err.startswith("ignored ")
    assert run("--add-ignore", "a.py")[2] == "ignored 0 findings in 0 files\n"
    assert path.read_bytes().decode() == "import torch\n" + after


def test_only_what_is_shown(folder: Path, run: Run) -> None:
    """Rules that are not selected, and findings about comments and files, get none; no reason is fine."""
    (folder / "a.py").write_text("import torch\nx = 1  # bad RGL101 bad RGL102\ny = 2  # reglint: ignore[RGL201]\n")
    code, out, _ = run("--add-ignore", "--select", "RGL101,RGL901", "a.py")
    assert (folder / "a.py").read_text() == (
        "import torch\nx = 1  # bad RGL101 bad RGL102  # reglint: ignore[RGL101]\ny = 2  # reglint: ignore[RGL201]\n"
    )
    assert code == 0 and "RGL901" not in out  # RGL201 is not selected: its comment is not unused


def test_notebooks(folder: Path, run: Run) -> None:
    """The comment goes into the cell; the notebook keeps the form it was saved in."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ["x = 1  # bad RGL101\n", "y = 2"]}]
    book = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["torch"]}, *cells], "metadata": {}, "nbformat": 4}
    (folder / "a.ipynb").write_text(json.dumps(book, indent=1) + "\n")
    assert run("--add-ignore", "a.ipynb")[0] == 0
    cells[0]["source"] = ["x = 1  # bad RGL101  # reglint: ignore[RGL101]\n", "y = 2"]
    assert (folder / "a.ipynb").read_text() == json.dumps(book, indent=1) + "\n"
    assert run("a.ipynb")[0] == 0


def test_diff(folder: Path, run: Run) -> None:
    """With --diff nothing is written."""
    (folder / "a.py").write_text("import torch\nx = 1  # bad RGL101\n")
    code, out, err = run("--add-ignore", "--diff", "a.py")
    assert code == 1 and "+x = 1  # bad RGL101  # reglint: ignore[RGL101]" in out and err == "would have ignored 1 finding in 1 file\n"
    assert "ignore" not in (folder / "a.py").read_text()
