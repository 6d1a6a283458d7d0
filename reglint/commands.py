"""The commands behind the command line; imported when one of them runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from reglint.config import FAIL_ON, OUTPUT_FORMATS, Config, Overrides, Resolver
from reglint.errors import UsageError
from reglint.terminal import Printer, progress_line, use_colour

Function = Callable[..., Any]


def _codes(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[str, ...] | None:
    """`--select RGL1,RGL201 --select error` as one tuple; None where the option is absent."""
    return tuple(part.strip() for item in value for part in item.split(",") if part.strip()) or None


def _list(name: str, help: str) -> Function:
    return click.option(name, multiple=True, callback=_codes, metavar="LIST", help=help)


def _with(*options: Function) -> Function:
    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_FILE_OPTIONS = _with(
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
_RULE_OPTIONS = _with(
    _list("--select", "Rules to run instead of the configured ones: codes, prefixes, names, levels, ALL."),
    _list("--extend-select", "Rules to run on top."),
    _list("--ignore", "Rules to leave out."),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@_FILE_OPTIONS
@_RULE_OPTIONS
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Lowest level that makes the exit code 1 (default: warning).")
@click.option("--output-format", type=click.Choice(OUTPUT_FORMATS), help="How to write the findings (default: full).")
@click.option("--output-file", "-o", metavar="FILE", help="Write the findings to a file instead of standard output.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--no-cache", is_flag=True, help="Do not read or write the cache.")
@click.option("--cache-dir", metavar="DIR", help="Where the cache is kept.")
@click.option("--quiet", "-q", is_flag=True, help="Print findings only.")
@click.option("--verbose", "-v", is_flag=True, help="Say on standard error what is done.")
@click.option("--color", "colour", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour (default: on a terminal).")
def check(
    paths: tuple[str, ...],
    output_file: str | None,
    statistics: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
    colour: str,
    no_cache: bool,
    **options: Any,
) -> int:
    """Lint files, folders and notebooks; `-` is standard input. No path means the current directory."""
    from reglint.engine import check as run
    from reglint.findings import Level
    from reglint.report import render, render_statistics

    config, request = _prepare(paths, {**options, "cache": False if no_cache else None})
    coloured = use_colour(colour, os.environ, sys.stdout) if output_file is None else colour == "always"
    printer = Printer(output_file, coloured, quiet, verbose)
    printer.note(f"settings: {', '.join(config.files) or 'defaults'}")
    with progress_line(quiet) as progress:
        report = run(_with_progress(request, progress))
    printer.note(f"{report.files} files, {report.analysed} analysed, {report.suppressed} findings suppressed, {report.seconds:.2f} s")
    if not report.files and not quiet:
        click.echo(f"warning: no Python files found under {', '.join(request.paths)}", err=True)
    if statistics:
        printer.write(render_statistics(report, config.output_format))
    else:
        printer.write(render(report, config.output_format, colour=printer.colour, quiet=quiet))
    if report.crashed:
        return 2
    if exit_zero or config.fail_on == "never":
        return 0
    return int(any(finding.level.rank >= Level(config.fail_on).rank for finding in report.findings))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@_FILE_OPTIONS
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", help="text or json.")
@click.option("--output-file", "-o", metavar="FILE", help="Write to a file instead of standard output.")
def formula(paths: tuple[str, ...], output_format: str, output_file: str | None, **options: Any) -> int:
    """Print the predicted update formula of every training step found, with where each number comes from."""
    from reglint.engine import predict_steps
    from reglint.report.formulas import render_json, render_text

    _, request = _prepare(paths, options)
    steps = predict_steps(request)
    Printer(output_file, False, False, False).write(render_json(steps) if output_format == "json" else render_text(steps))
    return 0


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


def _prepare(paths: tuple[str, ...], options: dict[str, Any]) -> tuple[Config, Any]:
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


def _with_progress(request: Any, progress: Callable[[int, int], None]) -> Any:
    from dataclasses import replace

    return replace(request, progress=progress)
