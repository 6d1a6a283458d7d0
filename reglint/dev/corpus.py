"""`python -m reglint.dev corpus`: what changes on real code when a rule changes.

The repositories stand in corpus.toml, each pinned to a commit. `--sources DIR` holds them as plain files, DIR/OWNER+NAME.
Findings are stored by fingerprint, so that a run shows those that came and those that went, however lines have moved.
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
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from reglint.dev import ROOT

LIST = Path(__file__).with_name("corpus.toml")
TIMEOUT = 600
"""Seconds for one repository; a run that takes longer is a hang, and reported as one."""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A finding in a repository. `fingerprint` identifies it, the place is where it was seen last."""

    repository: str
    code: str
    level: str
    path: str
    row: int
    message: str
    fingerprint: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when the code above it changes."""
        return self.repository, self.path, self.fingerprint

    def __str__(self) -> str:
        return f"{self.repository}/{self.path}:{self.row} {self.level}[{self.code}] {self.message}"


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
        yield Seen(name, found["code"], found["level"], *place, found["message"], found["fingerprint"])


def load(path: Path) -> list[Seen]:
    """The stored findings; none where nothing was stored yet."""
    if not path.exists():
        return []
    return [Seen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def store(path: Path, findings: Iterable[Seen]) -> None:
    """Write findings, one per line, sorted."""
    path.write_text("".join(f"{json.dumps(asdict(found), ensure_ascii=False)}\n" for found in sorted(findings)), encoding="utf-8")


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
@click.option("--findings", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where findings are stored (JSON lines).")
@click.option("--update", is_flag=True, help="Store the findings of this run.")
@click.option("--only", default="", help="Repositories whose name contains this.")
def command(sources: Path, findings: Path, update: bool, only: str) -> None:
    """Compare today's findings with the stored ones; exit code 1 where a run crashed or hung."""
    listed = [entry["name"] for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["repository"] if only in entry["name"]]
    outcomes = []
    for name in listed:
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
