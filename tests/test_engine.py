"""The engine: from files to a report, whatever the files are like."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import reglint
from reglint import pool
from reglint.errors import ConfigError, UsageError
from reglint.findings import Level, Report
from reglint.report.formulas import render_json

Lint = Callable[..., Report]
TORCH = "import torch\n"


def places(report: Report) -> list[tuple[str, int, str]]:
    """(path, row, code) of every finding."""
    return [(f.span.path, f.span.row, f.code) for f in report.findings]


def test_finds_and_sorts(lint: Lint) -> None:
    """Findings come by path, row and column, each once."""
    report = lint({"b.py": TORCH + "x = 1  # bad RGL201\ny = 2  # bad RGL101", "a.py": TORCH + "z = 3  # bad RGL102\n"})
    assert places(report) == [("a.py", 2, "RGL102"), ("b.py", 2, "RGL201"), ("b.py", 3, "RGL101")]
    assert (report.files, report.analysed, report.count(Level.ERROR)) == (2, 2, 1)


def test_a_file_that_cannot_matter_is_parsed_but_not_analysed(lint: Lint) -> None:
    """A syntax error is reported in any file; rules only see files with training code."""
    report = lint({"plain.py": "x = 1\n", "broken.py": "def f(:\n"})
    assert places(report) == [("broken.py", 1, "RGL900")]
    assert (report.files, report.analysed) == (2, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"import torch\nx = '\0'\n", "binary data"),
        ("import torch\n".encode("utf-16"), "UTF-16"),
        (b"# -*- coding: latin-9000 -*-\nimport torch\n", "unknown encoding"),
        (b"import torch\n# caf\xe9\n", "not valid utf-8: byte 0xe9"),
        (b"import torch\nprint 'x'\n", "syntax error"),
        (b"x = (" * 300 + b"\n", "nested"),
    ],
)
def test_an_unreadable_file_is_a_note_and_the_run_goes_on(lint: Lint, content: bytes, message: str) -> None:
    """RGL900 says why, the other files are still checked."""
    report = lint({"broken.py": content, "good.py": TORCH + "x = 1  # bad RGL101\n"})
    assert [f.code for f in report.findings] == ["RGL900", "RGL101"]
    assert message in report.findings[0].message
    assert [error.path for error in report.errors] == ["broken.py"]
    assert not report.crashed


def test_a_check_that_crashes(lint: Lint) -> None:
    """RGL902 names the rule and the place; other rules and files go on; the run counts as crashed."""
    report = lint({"a.py": TORCH + "x = 1  # broken check, bad RGL201\n", "b.py": TORCH + "y = 1  # bad RGL101\n"})
    assert places(report) == [("a.py", 1, "RGL902"), ("a.py", 2, "RGL201"), ("b.py", 2, "RGL101")]
    assert "RGL101 failed: ValueError: two lines (fakes.py:" in report.findings[0].message
    assert report.crashed


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_reader_that_crashes_or_hangs(lint: Lint, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file is lost, with a message; nothing hangs."""
    monkeypatch.setattr("reglint.engine._WORTH_A_POOL", 0)
    files = {"a.py": TORCH + "# crash!\n", "b.py": TORCH + "# hang!\n", "c.py": TORCH + "x = 1  # bad RGL101\n"}
    report = lint(files, jobs=jobs, seconds=0.3)
    assert places(report) == [("a.py", 1, "RGL902"), ("b.py", 1, "RGL902"), ("c.py", 2, "RGL101")]
    assert "reading failed: KeyError: 'lr'" in report.findings[0].message
    assert "took longer than 0.3 seconds" in report.findings[1].message


def test_a_worker_that_dies(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that killed it is reported, all others are checked."""
    monkeypatch.setattr("reglint.engine._WORTH_A_POOL", 0)
    files = {"a.py": TORCH + "# die!\n"} | {f"m{i}.py": TORCH + "x = 1  # bad RGL101\n" for i in range(5)}
    report = lint(files, jobs=2)
    assert [f.code for f in report.findings] == ["RGL902"] + ["RGL101"] * 5


def test_the_number_of_workers_does_not_matter(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same report, to the letter, from one process and from four."""
    monkeypatch.setattr("reglint.engine._WORTH_A_POOL", 0)
    files = {f"m{i}.py": TORCH + f"x = {i}  # bad RGL101\n" * (i + 1) for i in range(12)}
    one, four = (replace(lint(files, jobs=jobs), seconds=0) for jobs in (1, 4))
    assert repr(one) == repr(four)


def test_memory_that_is_full_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it is read by a process that begins anew, whose end costs nothing."""
    pages = Path(__file__).parent.parent / "examples"
    seen: list[tuple[int, int]] = []
    whole = render_json(reglint.predict([pages], isolated=True, jobs=1))
    monkeypatch.setattr("reglint.reader.project.ENOUGH", 3_000)
    run_all, fork = pool.run_all, os.fork
    forked: list[int] = []
    monkeypatch.setattr("os.fork", lambda: (forked.append(1), fork())[1])

    def watched(*args: Any, **options: Any) -> Any:
        return run_all(*args, **{**options, "progress": lambda done, total: seen.append((done, total))})

    monkeypatch.setattr("reglint.engine.run_all", watched)
    assert render_json(reglint.predict([pages], isolated=True, jobs=1)) == whole
    assert forked
    starts = [i for i, (done, _) in enumerate(seen) if done == 1]
    for first, last in zip(starts, [*starts[1:], len(seen)], strict=True):
        assert [done for done, _ in seen[first:last]] == list(range(1, seen[first][1] + 1))


def test_findings_outside_the_files_asked_for_are_dropped(lint: Lint) -> None:
    """Only the file on the command line may have findings."""
    files = {"a.py": TORCH + "x = 1  # bad RGL101\n", "b.py": TORCH + "x = 1  # bad RGL101\n"}
    assert places(lint(files, "a.py")) == [("a.py", 2, "RGL101")]


def test_stdin(lint: Lint) -> None:
    """`-` is standard input, shown under the name given for it."""
    code = b"import torch\nx = 1  # bad RGL101\n"
    assert places(lint({}, "-", stdin=code)) == [("-", 2, "RGL101")]
    assert places(lint({"sub/x.py": ""}, "-", stdin=code, stdin_filename="sub/x.py")) == [("sub/x.py", 2, "RGL101")]


def test_missing_path(lint: Lint) -> None:
    """A path that does not exist is wrong usage."""
    with pytest.raises(UsageError, match="no such file or directory: gone"):
        lint({}, "gone")


def test_unknown_rule(lint: Lint) -> None:
    """A mistyped rule is wrong usage, with the nearest one; in a file it is the file's fault."""
    with pytest.raises(UsageError, match="unknown rule `RGL1O1`; did you mean `RGL101`"):
        lint({}, select=("RGL1O1",))
    with pytest.raises(ConfigError, match=r"reglint\.toml"):
        lint({"reglint.toml": 'ignore = ["dubble-l2"]'})


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, ["RGL101", "RGL102", "RGL201"]),
        ({"select": ("RGL1",)}, ["RGL101", "RGL102"]),
        ({"select": ("double-l2",)}, ["RGL101"]),
        ({"select": ("ALL",)}, ["RGL101", "RGL102", "RGL201", "RGL299"]),
        ({"select": ("error",)}, ["RGL201", "RGL299"]),
        ({"extend_select": ("RGL299",)}, ["RGL101", "RGL102", "RGL201", "RGL299"]),
        ({"ignore": ("note",)}, ["RGL101", "RGL201"]),
        ({"select": ("RGL101",), "ignore": ("RGL1",)}, ["RGL101"]),
        ({"select": ("RGL1",), "ignore": ("RGL101",)}, ["RGL102"]),
        ({"ignore": ("RGL101",)}, ["RGL102", "RGL201"]),
    ],
)
def test_selection(lint: Lint, settings: dict[str, tuple[str, ...]], codes: list[str]) -> None:
    """The more specific selector wins, `ignore` wins a tie."""
    text = TORCH + "".join(f"x = 1  # bad {code}\n" for code in ("RGL101", "RGL102", "RGL201", "RGL299"))
    assert [f.code for f in lint({"a.py": text}, **settings).findings] == codes


def test_levels_are_those_of_the_finding(lint: Lint) -> None:
    """`--select error` shows what is an error here, not what usually is one."""
    text = TORCH + "x = 1  # bad RGL101:error\ny = 1  # bad RGL101\n"
    assert places(lint({"a.py": text}, select=("error",))) == [("a.py", 2, "RGL101")]


def test_per_file_ignores_and_closest_configuration(lint: Lint) -> None:
    """Each file follows the nearest configuration file."""
    files = {
        "reglint.toml": 'ignore = ["RGL102"]\n[per-file-ignores]\n"tests/**" = ["RGL101"]\n',
        "a.py": TORCH + "x = 1  # bad RGL101\ny = 1  # bad RGL102\n",
        "tests/b.py": TORCH + "x = 1  # bad RGL101\ny = 1  # bad RGL201\n",
        "other/reglint.toml": 'select = ["RGL102"]\n',
        "other/c.py": TORCH + "x = 1  # bad RGL101\ny = 1  # bad RGL102\n",
    }
    assert places(lint(files)) == [("a.py", 2, "RGL101"), ("other/c.py", 3, "RGL102"), ("tests/b.py", 3, "RGL201")]


def test_fingerprints_survive_moved_lines(lint: Lint) -> None:
    """Lines above, other white space and another path change nothing; another scope or a repetition does."""
    body = "def f():\n    x = 1  # bad RGL101\n    x = 1  # bad RGL101\n"
    first = [f.fingerprint for f in lint({"a.py": TORCH + body}).findings]
    moved = [f.fingerprint for f in lint({"a.py": TORCH + "# more\n\n" + body.replace("x = 1", "x  =  1")}).findings]
    other = [f.fingerprint for f in lint({"a.py": TORCH + body.replace("def f", "def g")}).findings]
    assert first == moved
    assert len({*first, *other}) == 4


def test_predicted_steps_do_not_depend_on_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real reader: the steps of the rule book's programs, to the letter, from one process and from three."""
    monkeypatch.setattr("reglint.engine._WORTH_A_POOL", 0)
    pages = Path(__file__).parent.parent / "rules"
    one, three = (render_json(reglint.predict([pages], isolated=True, jobs=jobs)) for jobs in (1, 3))
    assert one == three


def test_public_api(folder: Path) -> None:
    """check_paths and predict from Python, on a file of the user."""
    (folder / "train.py").write_text(
        "import torch\nmodel = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.5)\n"
        "loss = torch.nn.functional.mse_loss(model(torch.ones(1, 2)), torch.ones(1, 1))\nloss.backward()\nopt.step()\n"
    )
    report = reglint.check_paths(["train.py"], select=["ALL"], isolated=True, cache=False)
    assert (report.files, report.analysed, report.crashed) == (1, 1, False)
    (step,) = reglint.predict([folder / "train.py"])
    assert (step.optimizer.short, step.span.path) == ("SGD", "train.py")
    with pytest.raises(reglint.ReglintError):
        reglint.check_paths(["gone.py"])
