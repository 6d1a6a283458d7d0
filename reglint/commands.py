"""The smaller commands behind the command line; imported when one of them runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from reglint.config import Config, Overrides, Resolver
from reglint.errors import UsageError
from reglint.options import FILE_OPTIONS, prepare
from reglint.terminal import Printer, use_colour

if TYPE_CHECKING:
    from reglint.engine import Request
    from reglint.step.model import StepModel


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@FILE_OPTIONS
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="text or json.")
@click.option("--output-file", "-o", metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--report", "page", metavar="FILE.html", help="Also write a page to look at: formulas, parameters, findings.")
def formula(paths: tuple[str, ...], output_format: str, output_file: str | None, page: str | None, **options: Any) -> int:
    """Print the predicted update formula of every training step found, with where each number comes from."""
    from reglint.engine import predict_steps
    from reglint.report.formulas import render_json, render_text

    config, request = prepare(paths, options)
    steps = predict_steps(request)
    if page is not None:
        _write_page(page, steps, request, config)
    Printer(output_file, False, False, False).write(render_json(steps) if output_format == "json" else render_text(steps))
    return 0


def _write_page(path: str, steps: tuple[StepModel, ...], request: Request, config: Config) -> None:
    """The page of predicted steps, with what `check` finds beside them."""
    from reglint import runs
    from reglint.report.page import Page, render, rows_of

    findings = runs.prepare(request, config).check().findings
    title = f"What the parameters get: {', '.join(request.paths)}"
    Printer(path, False, False, False).write(render(Page(title, steps, rows_of(steps), findings)))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("code_or_name")
@click.option("--output-format", type=click.Choice(("text", "markdown", "json")), default="text", help="text, markdown or json.")
@click.option("--color", "colour", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour (default: on a terminal).")
def rule(code_or_name: str, output_format: str, colour: str) -> int:
    """Show the page of a rule, by code (RGL101) or name (double-l2)."""
    from reglint import rulebook

    coloured = use_colour(colour, os.environ, sys.stdout)
    Printer(None, coloured, False, False).write(rulebook.render_rule(code_or_name, output_format, colour=coloured))
    return 0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="text or json.")
def rules(output_format: str) -> int:
    """List all rules with their level and whether they can be fixed."""
    from reglint import rulebook

    Printer(None, False, False, False).write(rulebook.render_rules(output_format))
    return 0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("path", default=".")
@click.option("--config", "config_file", metavar="FILE", help="Use this configuration file instead of searching for one.")
@click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="text or json.")
def config(path: str, config_file: str | None, isolated: bool, output_format: str) -> int:
    """Show the settings that hold for PATH (default: the current directory)."""
    import json

    working = os.path.realpath(os.getcwd())
    absolute = os.path.normpath(os.path.join(working, path))
    if not os.path.exists(absolute):
        raise UsageError(f"no such file or directory: {path}")
    found = Resolver(Overrides({}, config_file, isolated), working).at(absolute if os.path.isdir(absolute) else os.path.dirname(absolute))
    shown = found.shown()
    if output_format == "json":
        text = json.dumps(shown, indent=2, ensure_ascii=False)
    else:
        width = max(map(len, shown))
        text = "\n".join(f"{key:<{width}}  {json.dumps(value, ensure_ascii=False)}" for key, value in shown.items())
    Printer(None, False, False, False).write(text + "\n")
    return 0
