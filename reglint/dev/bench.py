"""`python -m reglint.dev bench KIND [FOLDER]`: reglint beside other linters, interleaved in one run, medians and ratios.

Load on the machine hits all tools alike when they take turns; CPU time is what to compare. Tools that are not installed
are left out: `--tool NAME=COMMAND` says where one is, with {} for the folder.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

REGLINT = f"{sys.executable} -m reglint check {{}} --isolated -q --exit-zero --output-format concise"
PEERS = {
    "torchfix": "torchfix --select=ALL {}",
    "flake8": "flake8 --isolated --select=TOR --jobs=2 {}",
    "fixit": "fixit lint {}",
    "ruff": "ruff check --isolated --no-cache -q {}",
}
STARTUP = {
    "reglint --version": f"{sys.executable} -m reglint --version",
    "reglint --help": f"{sys.executable} -m reglint --help",
    "import click": f'{sys.executable} -c "import click"',
    "python": f"{sys.executable} -c pass",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds of processor time (children included) and of the clock, and the largest process in MiB."""

    cpu: float
    wall: float
    peak: float


def measure(command: str, folder: str) -> Sample:
    """Run a command once in a shell of its own; its output is thrown away and its exit code ignored."""
    began = time.perf_counter()
    child = subprocess.Popen(["sh", "-c", f"exec {command.format(folder)}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return Sample(
        usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 2**20)
    )


def interleaved(commands: dict[str, str], folder: str, runs: int) -> dict[str, list[Sample]]:
    """All commands in turn, again and again."""
    found: dict[str, list[Sample]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(measure(command, folder))
    return found


def table(found: dict[str, list[Sample]], first: str) -> Iterator[str]:
    """A line per tool: medians, and how many times the first one's processor time it takes."""
    yield f"{'':<28}{'cpu s':>10}{'wall s':>10}{'peak MiB':>10}{'x cpu':>9}{'x wall':>9}"
    base = _median(found[first])
    for name, samples in found.items():
        mine = _median(samples)
        ratios = f"{mine.cpu / max(base.cpu, 1e-3):>9.1f}{mine.wall / max(base.wall, 1e-3):>9.1f}"
        yield f"{name:<28}{mine.cpu:>10.3f}{mine.wall:>10.3f}{mine.peak:>10.0f}{ratios}"


def _median(samples: list[Sample]) -> Sample:
    return Sample(*(statistics.median(getattr(s, part) for s in samples) for part in ("cpu", "wall", "peak")))


def _commands(kind: str, peers: dict[str, str], cache: str, some: list[str]) -> dict[str, str]:
    """What is compared; reglint comes first."""
    if kind == "startup":
        return STARTUP
    if kind == "warm":
        return {"reglint, warm": f"{REGLINT} --cache-dir {cache}", "python": STARTUP["python"]}
    if kind == "precommit":
        files = " ".join(some)
        return {"reglint, 5 files": f"{REGLINT.format(files)} --no-cache"} | {name: text.format(files) for name, text in peers.items()}
    return {"reglint, 1 job": f"{REGLINT} --no-cache --jobs 1", "reglint, 2 jobs": f"{REGLINT} --no-cache --jobs 2"} | peers


@click.command("bench")
@click.argument("kind", type=click.Choice(("cold", "warm", "startup", "precommit", "probe")))
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--runs", default=3, show_default=True, help="How often each tool runs.")
@click.option("--tool", "tools", multiple=True, metavar="NAME=COMMAND", help="Where a tool is: torchfix='/opt/venv/bin/torchfix {}'.")
def command(kind: str, folder: str, runs: int, tools: tuple[str, ...]) -> None:
    """Measure reglint beside torchfix, flake8, fixit and ruff; or a training step with and without the probe."""
    if kind == "probe":
        from reglint.probe import overhead  # torch is loaded for nothing else here

        for line in overhead.lines(count=runs):
            click.echo(line)
        return
    given = dict(one.partition("=")[::2] for one in tools)
    peers = {name: given.get(name, text) for name, text in PEERS.items() if name in given or shutil.which(text.split()[0])}
    folder = str(Path(folder).resolve())
    files = sorted(str(path) for path in Path(folder).rglob("*.py"))
    click.echo(f"{folder}: {len(files)} files, {sum(map(os.path.getsize, files)) / 1e6:.1f} MB; medians of {runs}")
    with tempfile.TemporaryDirectory() as cache:
        commands = _commands(kind, peers, cache, files[:: max(len(files) // 5, 1)][:5])
        if kind == "warm":
            measure(commands["reglint, warm"], folder)  # fills the cache
        for line in table(interleaved(commands, folder, runs), next(iter(commands))):
            click.echo(line)


__all__ = ["command"]
