"""Outputs shown in READMEs are made by running the commands above them, so that no page can quote a number of yesterday."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reglint.dev import ROOT

_BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAMS = {"python": [sys.executable], "reglint": [sys.executable, "-m", "reglint"]}
# 1 is what reglint answers when it has findings; a program that fails has nothing to show.
_EXPECTED = {"python": (0,), "reglint": (0, 1)}


def pages(root: Path = ROOT) -> Iterator[Path]:
    """Every README under rules/ and examples/, and the one of the project, that shows the output of a command."""
    for path in [root / "README.md", *sorted((root / "rules").rglob("README.md")), *sorted((root / "examples").rglob("README.md"))]:
        if path.exists() and commands(path.read_text(encoding="utf-8")):
            yield path


def commands(text: str) -> list[str]:
    """The commands of all console blocks that can be run, in order."""
    lines = (line for block in _BLOCK.finditer(text) for line in block["body"].splitlines())
    return [line[2:] for line in lines if line.startswith("$ ") and shlex.split(line[2:])[0] in _PROGRAMS]


def refresh(path: Path) -> str:
    """The text of a README with every console block replaced by what its commands print now."""
    return _BLOCK.sub(lambda block: f"```console\n{_run_block(block['body'], path.parent)}```", path.read_text(encoding="utf-8"))


def _run_block(body: str, folder: Path) -> str:
    shell = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    if not shell or any(shlex.split(command)[0] not in _PROGRAMS for command in shell):
        return body  # a set-up block (`pip install …`) is there to be copied, its output is nobody's business
    return "".join(f"$ {command}\n{run(command, folder)}" for command in shell)


def run(command: str, folder: Path) -> str:
    """What `python …` or `reglint …` prints to stdout in `folder`. Raises RuntimeError where it fails."""
    program, *arguments = shlex.split(command)
    # Warnings go to stderr with absolute paths in them; colours and widths must not depend on who runs this.
    env = os.environ | {
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    done = subprocess.run([*_PROGRAMS[program], *arguments], cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode not in _EXPECTED[program]:
        raise RuntimeError(f"{folder.name}: `{command}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
