"""The command line: options → Request → one call → exit code. No logic, and nothing but click at import.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or configuration or a bug in reglint, 130 Ctrl-C.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence

import click

from reglint import __version__
from reglint.errors import ReglintError, UsageError

_COMMANDS = {  # name: (where it lives, one line for --help)
    "check": ("reglint.checking:check", "Lint files, folders, notebooks, or - for standard input."),
    "formula": ("reglint.commands:formula", "Print the update formula of every training step found."),
    "probe": ("reglint.probe.cli:probe", "Run a script for a few steps and measure what the parameters get."),
    "rule": ("reglint.commands:rule", "Show the page of a rule."),
    "rules": ("reglint.commands:rules", "List all rules."),
    "config": ("reglint.commands:config", "Show the resolved settings."),
    "baseline": ("reglint.checking:baseline", "Record the findings of today, to see only new ones."),
    "lsp": ("reglint.lsp:command", "Start the language server."),
}


class Commands(click.Group):
    """Commands are imported when they run; `reglint PATHS` is `reglint check PATHS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command. Raises UsageError where this installation lacks it."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            hint = "it is not part of this version" if missing.startswith("reglint") else f"pip install 'reglint[{cmd_name}]'"
            raise UsageError(f"`reglint {cmd_name}` is not available: no module {missing}; {hint}") from error
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `check` in front of anything that does not begin with a command or an option of reglint itself."""
        if not args or args[0] not in (*_COMMANDS, "--help", "-h", "--version", "-V"):
            if args and args[0].isalpha() and not os.path.exists(args[0]):
                _suggest_command(args[0])
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _suggest_command(word: str) -> None:
    """Raises UsageError where a word that is no path is nearly a command."""
    import difflib  # only after a mistake

    if near := difflib.get_close_matches(word, _COMMANDS, n=1, cutoff=0.6):
        raise UsageError(f"no such file or directory: {word}; did you mean `reglint {near[0]}`?")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="reglint %(version)s")
def cli() -> None:
    """Says what update the parameters of a PyTorch training really get.

    `reglint PATHS` is `reglint check PATHS`; without a path it is the current directory.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; nothing but a bug leaves a traceback, and that only on request."""
    try:
        return int(cli.main(argv, prog_name="reglint", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return 2
    except ReglintError as error:
        click.echo(f"error: {error}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except Exception as error:  # a bug: say so in one line instead of forty
        if os.environ.get("REGLINT_TRACEBACK"):
            raise
        click.echo(f"error: internal error: {type(error).__name__}: {error}", err=True)
        click.echo("this is a bug in reglint: please report it (REGLINT_TRACEBACK=1 shows where it happened)", err=True)
        return 2
