"""Known findings: recorded in a baseline, or there before a change; and what keeps the identity of a finding."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reglint.cli import main
from reglint.findings import Finding, Level
from reglint.fingerprints import with_fingerprints
from reglint.source import SourceFile, Span
from tests.fakes import FAKE_RULES, FakeProject

BAD = "import torch\nx = 1  # bad RGL101\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line with the fake reader, one line per finding."""
    monkeypatch.setattr("reglint.engine._project", FakeProject)
    monkeypatch.setattr("reglint.engine.all_rules", lambda: FAKE_RULES)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def fingerprint(text: str, marked: str = "BAD") -> str:
    """Of a finding that begins where the mark stands."""
    at = text.index(marked)
    row, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    source = SourceFile.of("a.py", "/a.py", text)
    finding = Finding("RGL101", "x", Level.WARNING, "m", Span("a.py", row, column, row, column + 3))
    return with_fingerprints([finding], source)[0].fingerprint


PLAIN = "def train(model):\n    opt = Adam(model.parameters(), lr=0.001, name='BAD')\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import os\n\n\n" + PLAIN, id="moved down"),
        pytest.param(PLAIN.replace(", ", ",\n        "), id="wrapped"),
        pytest.param(
            "def train(model):\n    opt = Adam(\n        model.parameters(),\n        lr=0.001,\n        name='BAD',\n    )\n", id="black"
        ),
        pytest.param(PLAIN.replace("'", '"').replace("0.001", "1e-3"), id="quotes and numbers"),
        pytest.param(PLAIN.replace("    opt", "    # a comment\n    opt").replace(")\n    ", ")  # more\n    "), id="comments"),
        pytest.param(PLAIN.replace("    opt", "  opt"), id="indented otherwise"),
        pytest.param(PLAIN.replace("    opt = ", "    if torch:\n        opt = "), id="under a condition"),
        pytest.param("@decorated\n" + PLAIN + "\n\ndef other(): return 1\n", id="neighbours"),
    ],
)
def test_what_keeps_the_identity(text: str) -> None:
    """Moved, wrapped, reformatted or commented code has the same fingerprint."""
    assert fingerprint(text) == fingerprint(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN.replace("0.001", "0.01"), id="another number"),
        pytest.param(PLAIN.replace("train", "fit"), id="another scope"),
        pytest.param(PLAIN.replace("Adam", "SGD"), id="another call"),
    ],
)
def test_what_makes_it_another(text: str) -> None:
    """Code that says something else has another fingerprint."""
    assert fingerprint(text) != fingerprint(PLAIN)


def test_heads_and_rows() -> None:
    """Of a compound statement the head counts; of several statements on a row the flagged one."""
    assert fingerprint("for BAD in b:\n    x\n") == fingerprint("for BAD in b:\n    y\n    z\n")
    assert fingerprint("a = 1; BAD = 2\n") == fingerprint("BAD = 2\n") != fingerprint("BAD = 3\n")
    assert fingerprint("try:\n    x\nexcept BAD:\n    y\n") == fingerprint("try:\n    z\nexcept BAD:\n    y\n")


def test_equal_code_is_counted() -> None:
    """Two findings in equal statements are two."""
    source = SourceFile.of("a.py", "/a.py", "x = 1\nx = 1\n")
    spans = (Span("a.py", row, 1, row, 2) for row in (1, 2))
    made = with_fingerprints([Finding("RGL101", "x", Level.WARNING, "m", span) for span in spans], source)
    assert made[0].fingerprint != made[1].fingerprint


def test_baseline(folder: Path, run: Run) -> None:
    """Recorded findings are not shown, wherever the file goes; a copy and a second one are new."""
    (folder / "a.py").write_text(BAD)
    assert run("baseline")[1] == "recorded 1 finding in reglint-baseline.json\n"
    data = json.loads((folder / "reglint-baseline.json").read_text())
    assert list(data) == ["schema_version", "tool", "findings"]
    assert data["findings"][0] | {"fingerprint": ""} == {
        "path": "a.py", "code": "RGL101", "message": "something is wrong by a factor 2", "fingerprint": "",
    }  # fmt: skip
    check = ("--baseline", "reglint-baseline.json", "--output-format", "concise")
    assert run(*check)[:2] == (0, "")
    (folder / "a.py").write_text("import os\n\n" + BAD)
    assert run(*check)[:2] == (0, "")
    (folder / "sub").mkdir()
    (folder / "a.py").rename(folder / "sub" / "b.py")
    assert run(*check)[:2] == (0, "")
    (folder / "a.py").write_text(BAD)
    assert run(*check)[0] == 1
    (folder / "a.py").unlink()
    (folder / "sub" / "b.py").write_text(BAD + "x = 1  # bad RGL101\n")
    code, out, _ = run(*check)
    assert code == 1 and out.count("warning[") == 1


def test_baseline_in_the_configuration(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`baseline = FILE` is where it is recorded and looked up, from whatever directory; fixing leaves known findings alone."""
    (folder / "reglint.toml").write_text('baseline = "known.json"\n')
    (folder / "sub").mkdir()
    (folder / "sub" / "a.py").write_text(BAD)
    assert run("baseline", ".")[1] == "recorded 1 finding in known.json\n"
    assert run(".")[0] == 0
    assert run("--fix", "--unsafe-fixes", ".")[2] == "nothing fixed\n"
    monkeypatch.chdir(folder / "sub")
    assert run("a.py")[0] == 0
    code, _, err = run("a.py", "--verbose")
    assert code == 0 and "1 known findings left out, 0 of the known ones are gone" in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such baseline: known.json; record one with `reglint baseline`"),
        ("{", "known.json is not a baseline"),
        ("[]", "known.json is not a baseline of this version"),
        ("[" * 100_000, "known.json is not a baseline"),
        ('{"schema_version": 1, "findings": [{"path": "a.py"}]}', "known.json is damaged"),
    ],
)
def test_broken_baselines(folder: Path, run: Run, content: str | None, message: str) -> None:
    """Exit code 2 and one line."""
    (folder / "a.py").write_text(BAD)
    if content is not None:
        (folder / "known.json").write_text(content)
    code, _, err = run("--baseline", "known.json")
    assert code == 2 and message in err and err.count("\n") == 1


def test_notebook_cells(folder: Path, run: Run) -> None:
    """A finding in a notebook stays known when cells are added in front of it."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ["x = 1  # bad RGL101\n"]}
    other = {**cell, "source": ["import torch\n", "y = 1"]}
    book = folder / "a.ipynb"
    book.write_text(json.dumps({"cells": [other, cell], "metadata": {}, "nbformat": 4}))
    assert run("baseline")[1].startswith("recorded 1 finding")
    book.write_text(json.dumps({"cells": [other, other, cell], "metadata": {}, "nbformat": 4}))
    assert run("--baseline", "reglint-baseline.json")[0] == 0
    book.write_text(json.dumps({"cells": [other, cell, {**cell, "source": ["z = 1  # bad RGL101\n"]}], "metadata": {}, "nbformat": 4}))
    assert "a.ipynb:cell 2:1:1" in run("--baseline", "reglint-baseline.json")[1]


# Against a git revision.


def git(folder: Path, *arguments: str) -> None:
    """Run git with a fixed identity and no settings of the user."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository with one finding in its first commit, on the branch main."""
    git(folder, "init", "-q")
    (folder / "a.py").write_text(BAD)
    (folder / "pkg").mkdir()
    (folder / "pkg" / "b.py").write_text(BAD)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_diff_base(repository: Path, run: Run) -> None:
    """Only findings that the change brought are shown, committed or not; moved and renamed ones are not among them."""
    check = ("--diff-base", "main", "--output-format", "concise")
    assert run(*check)[:2] == (0, "")
    git(repository, "checkout", "-qb", "change")
    (repository / "a.py").write_text("import os\n" + BAD + "y = 2  # bad RGL201\n")
    assert run(*check)[1] == "a.py:4:1  error[RGL201] something is wrong by a factor 4\n"
    git(repository, "mv", "pkg/b.py", "pkg/c.py")
    git(repository, "commit", "-qam", "second")
    assert run(*check)[1].startswith("a.py:4:1") and run(*check)[1].count("error[") == 1
    assert run(*check, "pkg/c.py")[:2] == (0, "")
    (repository / "new.py").write_text(BAD)
    assert run(*check, "new.py")[0] == 1


def test_diff_base_is_where_the_change_began(repository: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the base branch has fixed meanwhile is not blamed on the change; a folder of the repository will do."""
    git(repository, "checkout", "-qb", "change")
    git(repository, "checkout", "-q", "main")
    (repository / "pkg" / "b.py").write_text("import torch\n")
    git(repository, "commit", "-qam", "fixed")
    git(repository, "checkout", "-q", "change")
    assert run("--diff-base", "main")[0] == 0
    monkeypatch.chdir(repository / "pkg")
    assert run("--diff-base", "main")[0] == 0
    (repository / "reglint.toml").write_text('extend-select = ["RGL299"]\n')
    (repository / "pkg" / "b.py").write_text(BAD + "z = 1  # bad RGL299\n")
    assert run("--diff-base", "main", "--output-format", "concise")[1].startswith("b.py:3:1")


def test_diff_base_mistakes(repository: Path, run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 with a hint: no such revision, a shallow clone, no repository, a path outside, no git."""
    assert run("--diff-base", "gone")[::2] == (2, "error: --diff-base: git knows no revision gone\n")
    assert run("--diff-base", "")[::2] == (2, "error: --diff-base needs a revision, such as origin/main\n")
    assert run("--diff-base", "--output=x")[::2] == (2, "error: --diff-base: git knows no revision --output=x\n")
    other = tmp_path_factory.mktemp("other")
    (other / "a.py").write_text(BAD)
    code, _, err = run("--diff-base", "main", str(other))
    assert code == 2 and "is not inside the repository" in err
    (repository / "a.py").write_text("import torch\n")
    git(repository, "commit", "-qam", "second")
    git(other, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    monkeypatch.chdir(other / "shallow")
    code, _, err = run("--diff-base", "HEAD~1")
    assert code == 2 and "this clone is shallow" in err and "fetch-depth: 0" in err
    monkeypatch.chdir(other)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(other.parent))
    code, _, err = run("--diff-base", "main")
    assert code == 2 and "not a git repository" in err
    monkeypatch.setenv("PATH", str(other))
    assert run("--diff-base", "main")[::2] == (2, "error: --diff-base needs git, which is not installed\n")
