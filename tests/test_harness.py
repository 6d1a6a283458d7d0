"""The case harness itself: a harness that passes too easily would make every rule look right."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from harness import Case, Got, Line, Want, cases, compare, read_comments


def write(root: Path, text: str, name: str = "case.py") -> Case:
    """A case of one file with this text."""
    path = root / name
    path.write_text(text, encoding="utf-8")
    return Case(path)


def finding(row: int, code: str, level: str = "warning", message: str = "decays by 0.0005 and 0.01") -> Got:
    """A finding in `train.py`."""
    return Got(Line("train.py", -1, row), code, level, message)


def test_a_comment_asks_for_several_findings_on_its_line(tmp_path: Path) -> None:
    """Codes, levels and substrings are read one after another."""
    case = write(tmp_path, 'x = 1\ny = 2  # want RGL101 "0.01" RGL102:note RGL107:warning "Adam"\n')
    wants, quiet = read_comments(case)
    line = Line(case.path.as_posix(), -1, 2)
    assert wants == [Want(line, "RGL101", "", "0.01"), Want(line, "RGL102", "note"), Want(line, "RGL107", "warning", "Adam")]
    assert not quiet


def test_want_next_means_the_line_below(tmp_path: Path) -> None:
    """A statement that has no room for a comment is announced by the line above."""
    wants, _ = read_comments(write(tmp_path, "# want-next RGL302\nx = 1\n"))
    assert [want.line.row for want in wants] == [2]


def test_a_want_stands_behind_other_comments(tmp_path: Path) -> None:
    """A comment of another tool on the same line does not hide the wish."""
    wants, _ = read_comments(write(tmp_path, "x = 1  # noqa: F821  # want RGL401\n"))
    assert [want.code for want in wants] == ["RGL401"]


def test_notebook_cells_are_counted_over_all_cells(tmp_path: Path) -> None:
    """Markdown cells count, rows begin again in each cell."""
    cells = [
        {"cell_type": "markdown", "source": ["# title"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1  # want RGL501"]},
    ]
    case = write(tmp_path, json.dumps({"cells": cells}), "case.ipynb")
    wants, _ = read_comments(case)
    assert [want.line for want in wants] == [Line(case.path.as_posix(), 1, 2)]


def test_a_folder_is_one_case_with_wishes_in_any_file(tmp_path: Path) -> None:
    """The files of a project are read together, sub-packages too."""
    project = tmp_path / "RGL101" / "project"
    (project / "models").mkdir(parents=True)
    (project / "train.py").write_text("x = 1  # want RGL101\n")
    (project / "models" / "net.py").write_text("y = 1  # want RGL302\n")
    (case,) = cases(tmp_path)
    wants, _ = read_comments(case)
    assert case.id == "RGL101/project"
    assert sorted((Path(want.line.path).name, want.code) for want in wants) == [("net.py", "RGL302"), ("train.py", "RGL101")]


def test_quiet_needs_a_reason(tmp_path: Path) -> None:
    """A note is dropped only by somebody who says why."""
    with pytest.raises(ValueError, match="reason"):
        read_comments(write(tmp_path, "# quiet RGL102\n"))
    assert read_comments(write(tmp_path, "# quiet RGL102 RGL112 -- not the point\n"))[1] == {"RGL102", "RGL112"}


@pytest.mark.parametrize("text", ["# want RGL101 0.01", "# want RGL1", "# wants RGL101", '# want RGL101 "open'])
def test_a_malformed_wish_is_an_error(tmp_path: Path, text: str) -> None:
    """A typing mistake in a comment must not turn into a test that asks for nothing."""
    with pytest.raises(ValueError, match="understood"):
        read_comments(write(tmp_path, f"x = 1  {text}\n"))


def test_what_was_asked_for_makes_no_difference() -> None:
    """Each wish takes one finding."""
    wants = [Want(Line("train.py", -1, 3), "RGL101", "", "0.01"), Want(Line("train.py", -1, 9), "RGL401")]
    assert compare(wants, [finding(9, "RGL401", "error"), finding(3, "RGL101")]) == []


def test_missing_and_unexpected_findings_are_both_shown() -> None:
    """The difference follows the source."""
    difference = compare([Want(Line("train.py", -1, 3), "RGL101")], [finding(2, "RGL302", "error", "dropout ignores eval()")])
    assert difference == [
        '+ unexpected  train.py:2 RGL302:error "dropout ignores eval()"',
        "- missing     train.py:3 RGL101",
    ]


@pytest.mark.parametrize(
    "want",
    [
        Want(Line("train.py", -1, 4), "RGL101"),
        Want(Line("train.py", -1, 3), "RGL101", "note"),
        Want(Line("train.py", -1, 3), "RGL101", "", "7"),
    ],
)
def test_another_line_level_or_text_is_another_finding(want: Want) -> None:
    """Row, level and substring all have to fit."""
    assert len(compare([want], [finding(3, "RGL101")])) == 2


def test_two_findings_need_two_wishes() -> None:
    """A rule that reports twice is noticed."""
    assert len(compare([Want(Line("train.py", -1, 3), "RGL101")], [finding(3, "RGL101"), finding(3, "RGL101")])) == 1


def test_the_most_demanding_wish_is_met_first() -> None:
    """A bare code does not use up the finding that a wish with a text needs."""
    line = Line("train.py", -1, 3)
    wants = [Want(line, "RGL101"), Want(line, "RGL101", "", "0.01")]
    assert compare(wants, [finding(3, "RGL101"), finding(3, "RGL101", message="other")]) == []


def test_quiet_drops_notes_only() -> None:
    """A warning of a quiet rule still has to be asked for."""
    got = [finding(3, "RGL102", "note"), finding(4, "RGL102", "warning")]
    assert [line[:14] for line in compare([], got, frozenset({"RGL102"}))] == ["+ unexpected  "]


def test_every_case_is_valid_python_with_readable_comments() -> None:
    """Cases of the parser's own rule apart, a case that does not parse tests nothing."""
    for case in cases():
        read_comments(case)
        if "RGL900" in case.path.parts:
            continue
        for path in case.files():
            if path.suffix == ".py":
                ast.parse(path.read_text(encoding="utf-8-sig"), str(path))
