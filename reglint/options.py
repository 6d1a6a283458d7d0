"""Options that several commands share, and the request they make."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from reglint.config import Config, Overrides, Resolver
from reglint.errors import UsageError

if TYPE_CHECKING:
    from reglint.engine import Request

Function = Callable[..., Any]


def _codes(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...] | None:
    """`--select RGL1,RGL201 --select error` as one tuple; None where the option is absent."""
    return tuple(part.strip() for item in value for part in item.split(",") if part.strip()) or None


def _list(name: str, help: str) -> Function:
    return click.option(name, multiple=True, callback=_codes, metavar="LIST", help=help)


def together(*options: Function) -> Function:
    """One decorator of several options, in the order of --help."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


FILE_OPTIONS = together(
    click.argument("paths", nargs=-1, metavar="[PATHS]..."),
    _list("--exclude", "Patterns to leave out, as in .gitignore, instead of the configured ones."),
    _list("--extend-exclude", "Patterns to leave out on top of the configured ones."),
    click.option("--force-exclude/--no-force-exclude", default=None, help="Leave out excluded files even where they are named."),
    click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Leave out what .gitignore files leave out."),
    click.option("--config", metavar="FILE", help="Use this configuration file instead of searching for one."),
    click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    click.option("--jobs", "-j", type=click.IntRange(min=0), help="Processes to use; 0 is one per core."),
    click.option("--target-version", metavar="TORCH", help="Torch release the code is written for, such as 2.13."),
    click.option("--stdin-filename", metavar="FILE", help="What to call standard input, when the path is -."),
)
RULE_OPTIONS = together(
    _list("--select", "Rules to run instead of the configured ones: codes, prefixes, names, levels, ALL."),
    _list("--extend-select", "Rules to run on top."),
    _list("--ignore", "Rules to leave out."),
)


def prepare(paths: tuple[str, ...], options: dict[str, Any]) -> tuple[Config, Request]:
    """The run's own settings (those of the current directory) and the request for the engine."""
    from reglint.engine import Request

    stdin_filename, config_file, isolated = options.pop("stdin_filename"), options.pop("config"), options.pop("isolated")
    settings = {("target_torch" if key == "target_version" else key): value for key, value in options.items()}
    if (target := settings.get("target_torch")) and not target.replace(".", "").isdigit():
        raise UsageError(f"--target-version must be a torch release such as 2.13, not {target}")
    overrides = Overrides(settings, config_file, isolated)
    if stdin_filename and not paths:
        paths = ("-",)
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    working = os.path.realpath(os.getcwd())
    request = Request(paths or (".",), overrides, working, stdin, stdin_filename)
    return Resolver(overrides, working).at(working), request
