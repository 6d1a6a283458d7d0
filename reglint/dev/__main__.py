"""`python -m reglint.dev COMMAND`: every module of this package that has a `command` brings a subcommand."""

from __future__ import annotations

import importlib
import pkgutil

import click

from reglint import dev


@click.group(help="Work on reglint itself.")
def main() -> None:
    """The group of all development commands."""


for module in pkgutil.iter_modules(dev.__path__):
    if module.name != "__main__":
        found = getattr(importlib.import_module(f"{dev.__name__}.{module.name}"), "command", None)
        if isinstance(found, click.Command):
            main.add_command(found)

if __name__ == "__main__":
    main(prog_name="python -m reglint.dev")
