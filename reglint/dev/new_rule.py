"""`python -m reglint.dev new_rule CODE NAME`: the trio of a new rule, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import click

from reglint.dev import ROOT

HEADINGS = ("What it does", "Why it matters", "Update formula", "Fix", "When it stays silent", "References")
"""The sections of every page, in order."""

CHECK = '''"""{code} {name}: TODO one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.step.model import StepModel


@rule("{code}", "{name}", Level.WARNING, "TODO one sentence without a final period", since="0.1.0", reads="step")
def {function}(this: Rule, step: StepModel) -> Iterable[Finding]:
    """TODO what has to be shown before this speaks."""
    return ()
'''
PROGRAM = '''"""TODO the {kind} program: runs in seconds, ends after one step, prints the number that the page quotes."""

import torch

torch.manual_seed(0)
'''
CASE = '''"""TODO a spelling of the mistake, as people write it."""

x = 1  # TODO: want {code} "concrete value"
'''


def trio(code: str, name: str) -> dict[Path, str]:
    """The files of a new rule, relative to the root of the checkout, with their first text."""
    function = name.replace("-", "_")
    sections = "\n".join(f"## {heading}\n\nTODO\n" for heading in HEADINGS)
    output = "```console\n$ python bad.py\n$ python good.py\n```\n"
    folder = Path("rules") / f"{code}-{name}"
    return {
        Path("reglint/checks") / f"{code.lower()}_{function}.py": CHECK.format(code=code, name=name, function=function),
        folder / "README.md": f"# {code} {name}\n\n{sections.replace('## Update', output + chr(10) + '## Update')}",
        folder / "bad.py": PROGRAM.format(kind="mistaken"),
        folder / "good.py": PROGRAM.format(kind="repaired"),
        Path("tests/rules") / code / "spellings.py": CASE.format(code=code),
    }


@click.command("new_rule", help="Write the check, the page and the first case of a rule, such as: RGL215 unreduced-backward.")
@click.argument("code")
@click.argument("name")
def command(code: str, name: str) -> None:
    """Write the trio; refuse to touch what is there."""
    if not re.fullmatch(r"RGL[1-9]\d\d", code) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise click.UsageError("a rule is called like RGL215 unreduced-backward")
    files = trio(code, name)
    if taken := [path.as_posix() for path in files if (ROOT / path).exists()]:
        raise click.UsageError(f"already there: {', '.join(taken)}")
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        click.echo(path.as_posix())
