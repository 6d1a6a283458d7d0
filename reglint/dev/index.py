"""`python -m reglint.dev index`: the table of rules in rules/README.md, made from the registry."""

from __future__ import annotations

import click

from reglint.checks import Rule, all_rules
from reglint.dev import ROOT

INDEX = ROOT / "rules" / "README.md"
FAMILIES = {
    "1": "Decay and penalties",
    "2": "Objective: losses and reductions",
    "3": "Mode: dropout, batch statistics, evaluation",
    "4": "Step order and gradient handling",
    "5": "Parameters: membership and freezing",
    "6": "Retired training API",
    "9": "reglint itself",
}
HEAD = """# The rule book

One page per rule, with a program that has the mistake (`bad.py`) and the same program without it (`good.py`); both run in
seconds, and every number on a page is their output. `error`: the training is not what the code says. `warning`: a strength
or a mode is wrong and the author very likely does not know. `note`: a legitimate convention whose consequence is worth
seeing; notes never fail a run.

This table is written by `python -m reglint.dev index`.
"""


def table() -> str:
    """The text of rules/README.md: one section per family, one row per rule, by code."""
    text = [HEAD]
    for digit, title in FAMILIES.items():
        rules = [rule for rule in all_rules() if rule.code[3] == digit]
        if rules:
            text += [f"## {digit}xx {title}\n", "| Code | Name | Level | Fix | What it finds |", "|---|---|---|---|---|"]
            text += [_row(rule) for rule in rules] + [""]
    return "\n".join(text)


def _row(rule: Rule) -> str:
    fix = "" if rule.fix is None else rule.fix.value
    preview = "" if rule.default else " (preview)"
    return f"| {rule.code} | [{rule.name}]({rule.code}-{rule.name}/README.md) | {rule.level.value} | {fix} | {rule.summary}{preview} |"


@click.command("index", help="Write rules/README.md.")
def command() -> None:
    """Write the table of rules."""
    INDEX.write_text(table(), encoding="utf-8")
    click.echo(f"{len(all_rules())} rules")
