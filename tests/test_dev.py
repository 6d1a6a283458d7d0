"""The development kit: new rules, shown outputs, the corpus."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from reglint.dev import corpus, index, new_rule, shown
from reglint.dev.__main__ import main

SEEN = corpus.Seen("owner/name", "train.py", 12, "RGL101", "warning", "abc", "doubled")


def test_every_command_is_there() -> None:
    """A module with a `command` is a subcommand."""
    assert {"new_rule", "index", "bless", "corpus"} <= set(main.commands)


def test_a_new_rule_is_a_trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check, page with two programs and a case are written; all of it parses; nothing is overwritten."""
    monkeypatch.setattr(new_rule, "ROOT", tmp_path)
    first = CliRunner().invoke(new_rule.command, ["RGL299", "sum-of-sums"])
    assert first.exit_code == 0
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {
        "reglint/checks/rgl299_sum_of_sums.py",
        "rules/RGL299-sum-of-sums/README.md",
        "rules/RGL299-sum-of-sums/bad.py",
        "rules/RGL299-sum-of-sums/good.py",
        "tests/rules/RGL299/spellings.py",
    }
    for path in tmp_path.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))
    second = CliRunner().invoke(new_rule.command, ["RGL299", "sum-of-sums"])
    assert (second.exit_code, "already there" in second.output) == (2, True)


@pytest.mark.parametrize("arguments", [["RGL1", "name"], ["RGL101", "Double_L2"]])
def test_a_malformed_rule_is_refused(arguments: list[str]) -> None:
    """Codes and names follow the registry's form."""
    assert CliRunner().invoke(new_rule.command, arguments).exit_code == 2


def test_the_index_names_every_rule() -> None:
    """Each registered rule is a row with a link to its page."""
    table = index.table()
    assert all(f"({rule.code}-{rule.name}/README.md)" in table for rule in index.all_rules())


def test_a_shown_output_is_refreshed(tmp_path: Path) -> None:
    """The output under a command is replaced, the text around it and set-up blocks are kept."""
    (tmp_path / "hello.py").write_text("print('hello')\n")
    page = tmp_path / "README.md"
    page.write_text("# A\n\n```console\n$ python hello.py\nstale\n```\n\n```console\n$ pip install reglint\nas it is\n```\n")
    new = shown.refresh([page])[page]
    assert new == "# A\n\n```console\n$ python hello.py\nhello\n```\n\n```console\n$ pip install reglint\nas it is\n```\n"


def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
    """A traceback is never shown as an output."""
    (tmp_path / "broken.py").write_text("raise ValueError('no')\n")
    page = tmp_path / "README.md"
    page.write_text("```console\n$ python broken.py\n```\n")
    with pytest.raises(RuntimeError, match="ValueError: no"):
        shown.refresh([page])


def test_the_corpus_knows_what_came_and_went(tmp_path: Path) -> None:
    """A moved finding is the same one; another fingerprint or level is another."""
    moved = corpus.Seen("owner/name", "train.py", 40, "RGL101", "warning", "abc", "doubled")
    other = corpus.Seen("owner/name", "model.py", 3, "RGL302", "error", "def", "always on")
    assert corpus.difference([SEEN], [moved]) == ([], [])
    assert corpus.difference([SEEN], [moved, other]) == ([other], [])
    assert corpus.difference([SEEN, SEEN], [SEEN]) == ([], [SEEN])
    corpus.store(tmp_path / "findings.jsonl", [other, SEEN])
    assert corpus.load(tmp_path / "findings.jsonl") == [other, SEEN]
    assert "doubled" not in (tmp_path / "findings.jsonl").read_text()


def test_the_corpus_reads_a_report() -> None:
    """Path, row, level and fingerprint come from the JSON report; a notebook cell is part of the path."""
    found = {"code": "RGL101", "level": "warning", "message": "doubled", "path": "a.ipynb", "cell": 3, "location": {"row": 2, "column": 1}}
    (seen,) = corpus.read_report("owner/name", json.dumps({"findings": [found | {"fingerprint": "abc"}]}))
    assert (seen.path, seen.row, seen.fingerprint) == ("a.ipynb#3", 2, "abc")


def test_the_stored_findings_are_of_pinned_repositories() -> None:
    """Every repository with findings is in the list, pinned to a whole commit; of the code nothing is stored."""
    listed = tomllib.loads(corpus.LIST.read_text(encoding="utf-8"))["repository"]
    names = [entry["name"] for entry in listed]
    assert names == sorted(set(names), key=str.lower)
    assert all(re.fullmatch(r"[0-9a-f]{40}", entry["commit"]) for entry in listed)
    stored = corpus.load(corpus.STORED)
    assert {seen.repository for seen in stored} <= set(names)
    assert stored and not any(seen.message for seen in stored)


def test_a_missing_repository_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One commit is checked out, from wherever the host is."""
    origin = tmp_path / "a" / "b.git"
    origin.mkdir(parents=True)
    (origin / "loss.py").write_text("import torch\n")
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for argv in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *argv], cwd=origin, check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], cwd=origin, check=True, capture_output=True, text=True).stdout.strip()
    monkeypatch.setattr(corpus, "HOST", f"{tmp_path.as_posix()}/")
    corpus.fetch("a/b", commit, tmp_path / "sources" / "a+b")
    assert (tmp_path / "sources" / "a+b" / "loss.py").read_text() == "import torch\n"


def test_the_corpus_runs_over_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that is not checked out is said to be missing; findings of the others are stored."""
    (tmp_path / "corpus.toml").write_text('[[repository]]\nname = "a/b"\ncommit = "0"\n[[repository]]\nname = "c/d"\ncommit = "0"\n')
    monkeypatch.setattr(corpus, "LIST", tmp_path / "corpus.toml")
    checkout = tmp_path / "sources" / "a+b"
    checkout.mkdir(parents=True)
    (checkout / "loss.py").write_text("import torch\nloss = torch.nn.MSELoss(size_average=False)\n")
    findings = tmp_path / "findings.jsonl"
    arguments = ["--sources", str(tmp_path / "sources"), "--findings", str(findings)]
    first = CliRunner().invoke(corpus.command, [*arguments, "--update"])
    assert (first.exit_code, "c/d: not checked out" in first.output, "1 came, 0 went" in first.output) == (0, True, True)
    assert "0 came, 0 went" in CliRunner().invoke(corpus.command, arguments).output
