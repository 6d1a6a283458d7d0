"""`reglint lsp`: the language server, on standard input and output."""

from __future__ import annotations

import click

from reglint.lsp.server import build  # without pygls this fails here, and the command line says what to install


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--stdio", is_flag=True, help="Speak on standard input and output; what it does anyway, some editors insist on saying it.")
def command(stdio: bool) -> int:
    """Start the language server: findings while you type, quick fixes, formulas of steps on hover."""
    build().start_io()
    return 0
