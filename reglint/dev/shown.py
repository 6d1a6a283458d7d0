"""Outputs shown in READMEs are made by running the commands above them, so that no page can quote a number of yesterday."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from reglint.dev import ROOT
from reglint.dev.runner import Job, run_all

_BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("python", "reglint")
"""What the shown commands may begin with."""


def pages(root: Path = ROOT) -> Iterator[Path]:
    """Every README under rules/ and examples/, and the one of the project, that shows the output of a command."""
    for path in [root / "README.md", *sorted((root / "rules").rglob("README.md")), *sorted((root / "examples").rglob("README.md"))]:
        if path.exists() and commands(path.read_text(encoding="utf-8")):
            yield path


def commands(text: str, programs: Iterable[str] = PROGRAMS) -> list[str]:
    """The commands that are run to make the outputs of a page, in order."""
    return [command for block in _BLOCK.finditer(text) for command in _runnable(block["body"], tuple(programs))]


def _runnable(body: str, programs: tuple[str, ...]) -> list[str]:
    shell = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    if any(shlex.split(command)[0] not in programs for command in shell):
        return []  # a set-up block (`pip install …`) is there to be copied
    return shell


def refresh(paths: Iterable[Path], programs: tuple[str, ...] = PROGRAMS) -> dict[Path, str]:
    """The texts of READMEs with the console blocks of `programs` replaced by what they print now. Raises RuntimeError where one fails."""
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    outputs = _run([(path.parent, command) for path, text in texts.items() for command in commands(text, programs)])

    new: dict[Path, str] = {}
    for path, text in texts.items():

        def shown(block: re.Match[str], folder: Path = path.parent) -> str:
            made = "".join(f"$ {command}\n{outputs[folder, command]}" for command in _runnable(block["body"], programs))
            return f"```console\n{made or block['body']}```"

        new[path] = _BLOCK.sub(shown, text)
    return new


def _run(todo: list[tuple[Path, str]]) -> dict[tuple[Path, str], str]:
    outputs = {(folder, command): _reglint(folder, command) for folder, command in todo if command.startswith("reglint")}
    programs = [(folder, command) for folder, command in todo if (folder, command) not in outputs]
    jobs: list[Job] = [(str(folder), shlex.split(command)[1:]) for folder, command in programs]
    for (folder, command), (status, output) in zip(programs, run_all(jobs), strict=True):
        if status != 0:
            raise RuntimeError(f"{folder.name}: `{command}` ended with {status}:\n{output}")
        outputs[folder, command] = output
    return outputs


def _reglint(folder: Path, command: str) -> str:
    # Colours and widths must not depend on who runs this; -P: an example's module is never one of Python's.
    env = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "120"}
    argv = [sys.executable, "-P", "-m", "reglint", *shlex.split(command)[1:]]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode not in (0, 1):  # 1: there are findings, which is what such a page shows
        raise RuntimeError(f"{folder.name}: `{command}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
