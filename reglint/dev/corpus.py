"""`python -m reglint.dev corpus`: what changes on real code when a rule changes.

The repositories stand in corpus.toml, each pinned to a commit. `--sources DIR` holds them as plain files, DIR/OWNER+NAME;
`--fetch` gets those that are missing. Findings are stored by fingerprint, and nothing of the code that they stand in: a run
shows those that came and those that went, however lines have moved.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from reglint.dev import ROOT

LIST = Path(__file__).with_name("corpus.toml")
STORED = ROOT / "tests" / "corpus.jsonl"
HOST = "https://github.com/"
TIMEOUT = 600
"""Seconds for one repository; a run that takes longer is a hang, and reported as one."""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A finding in a repository. `fingerprint` identifies it, the place is where it was seen last; a stored one has no message."""

    repository: str
    path: str
    row: int
    code: str
    level: str
    fingerprint: str
    message: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when the code above it changes."""
        return self.repository, self.path, self.fingerprint

    def __str__(self) -> str:
        return f"{self.repository}/{self.path}:{self.row} {self.level}[{self.code}] {self.message}".rstrip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One repository: its findings, the seconds it took, and what went wrong, if anything did."""

    repository: str
    findings: tuple[Seen, ...] = ()
    seconds: float = 0.0
    trouble: str = ""


def folder(sources: Path, name: str) -> Path:
    """Where a repository is checked out: owner and name joined by a plus."""
    return sources / name.replace("/", "+")


def fetch(name: str, commit: str, path: Path) -> None:
    """Check out one commit of a repository, without its history. Raises CalledProcessError where that does not work."""
    path.mkdir(parents=True)
    for argv in (["init", "-q"], ["fetch", "-q", "--depth", "1", f"{HOST}{name}.git", commit], ["checkout", "-q", "FETCH_HEAD"]):
        subprocess.run(["git", *argv], cwd=path, check=True, env=os.environ | {"GIT_LFS_SKIP_SMUDGE": "1"})


def check(name: str, path: Path) -> Outcome:
    """Run all rules on a checkout in a process of its own, as a user would, whatever its own configuration says."""
    # -P: a module of the checkout that is called like one of Python's must not be imported.
    argv = [sys.executable, "-P", "-m", "reglint", "check", "--isolated", "--no-cache", "--exit-zero"]
    argv += ["--select", "ALL", "--output-format", "json", "."]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    try:
        done = subprocess.run(argv, cwd=path, env=env, capture_output=True, encoding="utf-8", timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return Outcome(name, seconds=float(TIMEOUT), trouble=f"no end after {TIMEOUT} s")
    seconds = time.monotonic() - began
    if done.returncode != 0:
        return Outcome(name, seconds=seconds, trouble=f"exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    return Outcome(name, tuple(read_report(name, done.stdout)), seconds)


def read_report(name: str, text: str) -> Iterable[Seen]:
    """The findings of a JSON report."""
    for found in json.loads(text)["findings"]:
        cell = "" if found["cell"] is None else f"#{found['cell']}"
        place = found["path"] + cell, found["location"]["row"]
        yield Seen(name, *place, found["code"], found["level"], found["fingerprint"], found["message"])


def load(path: Path) -> list[Seen]:
    """The stored findings; none where nothing was stored yet."""
    if not path.exists():
        return []
    return [Seen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def store(path: Path, findings: Iterable[Seen]) -> None:
    """Write findings, one per line, sorted; their messages, which name what stands in the code, are left out."""
    rows = [{name: value for name, value in asdict(found).items() if name != "message"} for found in sorted(findings)]
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")


def difference(before: Iterable[Seen], after: Iterable[Seen]) -> tuple[list[Seen], list[Seen]]:
    """(came, went), by fingerprint and level; a finding that occurs twice counts twice."""
    old, new = Counter((f.key, f.level) for f in before), Counter((f.key, f.level) for f in after)
    return _only(after, new - old), _only(before, old - new)


def _only(findings: Iterable[Seen], left: Counter[tuple[tuple[str, str, str], str]]) -> list[Seen]:
    chosen = []
    for found in sorted(findings):
        if left[found.key, found.level] > 0:
            left[found.key, found.level] -= 1
            chosen.append(found)
    return chosen


@click.command("corpus", help="Run all rules on pinned public repositories and show what came and what went.")
@click.option(
    "--sources", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, help="Folder of checkouts, OWNER+NAME."
)
@click.option("--findings", type=click.Path(dir_okay=False, path_type=Path), default=STORED, help="Where findings are stored (JSON lines).")
@click.option("--fetch", "fetches", is_flag=True, help="Check out what is missing under --sources (git, the network).")
@click.option("--update", is_flag=True, help="Store the findings of this run.")
@click.option("--only", default="", help="Repositories whose name contains this.")
def command(sources: Path, findings: Path, fetches: bool, update: bool, only: str) -> None:
    """Compare today's findings with the stored ones; exit code 1 where a run crashed or hung."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["repository"]
    outcomes = []
    for name, commit in ((entry["name"], entry["commit"]) for entry in entries if only in entry["name"]):
        if fetches and not folder(sources, name).is_dir():
            fetch(name, commit, folder(sources, name))
        if not folder(sources, name).is_dir():
            click.echo(f"{name}: not checked out")
            continue
        outcomes.append(check(name, folder(sources, name).resolve()))
        click.echo(_line(outcomes[-1]))
    ran = {outcome.repository for outcome in outcomes if not outcome.trouble}
    stored = load(findings)
    today = [found for outcome in outcomes for found in outcome.findings]
    came, went = difference([found for found in stored if found.repository in ran], today)
    for sign, changed in (("+", came), ("-", went)):
        for found in changed:
            click.echo(f"{sign} {found}")
    click.echo(f"{len(today)} findings in {len(ran)} repositories, {len(came)} came, {len(went)} went")
    if update:
        store(findings, [*today, *(found for found in stored if found.repository not in ran)])
    if any(outcome.trouble for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _line(outcome: Outcome) -> str:
    if outcome.trouble:
        return f"{outcome.repository}: {outcome.trouble}"
    levels = Counter(found.level for found in outcome.findings)
    counts = ", ".join(f"{levels[level]} {level}" for level in ("error", "warning", "note"))
    return f"{outcome.repository}: {counts} in {outcome.seconds:.1f} s"
