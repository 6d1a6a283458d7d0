"""`reglint check` and `reglint baseline`: what is found, what is fixed, what is known already."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from reglint.config import FAIL_ON, OUTPUT_FORMATS, Config
from reglint.errors import UsageError
from reglint.options import FILE_OPTIONS, RULE_OPTIONS, prepare, together
from reglint.terminal import Printer, progress_line, use_colour

if TYPE_CHECKING:
    from reglint.findings import Report
    from reglint.fixer import Fixed
    from reglint.runs import Run

FIX_OPTIONS = together(
    click.option("--fix", is_flag=True, help="Apply fixes that leave all numbers as they are."),
    click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that change what is computed."),
    click.option("--diff", is_flag=True, help="Show what --fix would change and change nothing; 1 if there is something."),
    click.option("--add-ignore", is_flag=True, help="Add a suppression comment for every finding."),
    click.option("--reason", metavar="TEXT", help="With --add-ignore: what to write behind the comments."),
)
KNOWN_OPTIONS = together(
    click.option("--baseline", metavar="FILE", help="Leave out the findings recorded in this file by `reglint baseline`."),
    click.option("--diff-base", metavar="REV", help="Leave out what was found where the change from this git revision began."),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to happen to the files."""

    fix: bool
    unsafe_fixes: bool
    diff: bool
    add_ignore: bool
    reason: str | None

    def ensure_sensible(self) -> None:
        """Raises UsageError for options that make no sense together."""
        if self.unsafe_fixes and not (self.fix or self.diff):
            raise UsageError("--unsafe-fixes goes with --fix or --diff")
        if self.reason is not None and not self.add_ignore:
            raise UsageError("--reason goes with --add-ignore")
        if self.add_ignore and self.fix:
            raise UsageError("--add-ignore would silence what --fix removes: run --fix first")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@FILE_OPTIONS
@RULE_OPTIONS
@FIX_OPTIONS
@KNOWN_OPTIONS
@click.option(
    "--verify", metavar="COMMAND", help="Run 'SCRIPT ARGS…' for a few steps and say which findings they show; refuted ones do not fail."
)
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
    diff_base: str | None,
    verify: str | None,
    **options: Any,
) -> int:
    """Lint files, folders and notebooks; `-` is standard input. No path means the current directory."""
    from reglint import runs

    wanted = Wanted(*(options.pop(name) for name in Wanted.__dataclass_fields__))
    wanted.ensure_sensible()
    if verify is not None and (wanted.fix or wanted.diff or wanted.add_ignore):
        raise UsageError("--verify measures the files as they are: leave out --fix, --diff and --add-ignore")
    config, request = prepare(paths, {**options, "cache": False if no_cache else None})
    coloured = use_colour(colour, os.environ, sys.stdout) if output_file is None else colour == "always"
    printer = Printer(output_file, coloured, quiet, verbose)
    printer.note(f"settings: {', '.join(config.files) or 'defaults'}")
    with progress_line(quiet) as progress:
        run = runs.prepare(replace(request, progress=progress), config, diff_base, printer.note)
        fixed = _fixed(run, wanted)
    report = fixed.report
    printer.note(f"{report.files} files, {report.analysed} analysed, {report.suppressed} findings suppressed, {report.seconds:.2f} s")
    if not report.files and not quiet:
        click.echo(f"warning: no Python files found under {', '.join(request.paths)}", err=True)
    if wanted.diff:
        code = _show_diff(fixed, printer, wanted)
    else:
        _write_files(fixed, run, wanted, printer)
        report, failing = (report, report) if verify is None else _verified(report, verify)
        _show(report, config, printer, statistics, wanted, to_stderr="-" in request.paths and (wanted.fix or wanted.add_ignore))
        code = _exit_code(failing, config.fail_on)
    return 2 if report.crashed else 0 if exit_zero else code


def _fixed(run: Run, wanted: Wanted) -> Fixed:
    """Check, and settle in memory what would be changed."""
    from reglint.fixer import Fixed, fix

    if not (wanted.fix or wanted.diff or wanted.add_ignore):
        return Fixed(run.check())
    if wanted.add_ignore:
        from reglint.ignores import ensure_reason, with_ignores

        ensure_reason(wanted.reason)
        return fix(lambda overlay: with_ignores(run.check(overlay), wanted.reason), unsafe=False, given=run.given)
    return fix(run.check, unsafe=wanted.unsafe_fixes, given=run.given)


def _verified(report: Report, command: str) -> tuple[Report, Report]:
    """The findings with what a measured step says of them, and those that may still fail the run."""
    import shlex

    from reglint.probe import launch
    from reglint.probe.verified import verified

    try:
        words = launch.command_line(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--verify: {error}") from error
    click.echo(f"reglint check: the program is executed now, for two steps: {shlex.join(words)}", err=True)
    measured = launch.run(launch.Request(words))
    if measured.outcome != "ok":
        click.echo(f"reglint check: {measured.outcome}: {measured.trace.message}", err=True)
    return verified(report, measured)


def _write_files(fixed: Fixed, run: Run, wanted: Wanted, printer: Printer) -> None:
    """Write what was changed; standard input goes to standard output, changed or not."""
    from reglint.fixer import told, write
    from reglint.ignores import added

    write(change for change in fixed.changes if change.absolute not in run.given)
    if wanted.fix or wanted.add_ignore:
        for absolute, data in run.given.items():
            printer.write_bytes(next((change.after for change in fixed.changes if change.absolute == absolute), data))
        printer.say(added(fixed.applied) if wanted.add_ignore else told(fixed, unsafe=wanted.unsafe_fixes))
    _say_refused(fixed, printer)


def _show_diff(fixed: Fixed, printer: Printer, wanted: Wanted) -> int:
    """Print the diff; 1 where there is one."""
    from reglint.fixer import told
    from reglint.ignores import added
    from reglint.report.diff import render

    printer.write(render(fixed.changes))
    printer.say(f"would have {added(fixed.applied)}" if wanted.add_ignore else told(fixed, unsafe=wanted.unsafe_fixes, would=True))
    _say_refused(fixed, printer)
    return int(bool(fixed.changes))


def _say_refused(fixed: Fixed, printer: Printer) -> None:
    from reglint.report.text import where

    for finding, why in fixed.refused:
        printer.say(f"not changed: {where(finding.span)} {finding.code}: {why}")


def _show(report: Report, config: Config, printer: Printer, statistics: bool, wanted: Wanted, *, to_stderr: bool) -> None:
    from reglint.report import render, render_statistics
    from reglint.report.rooted import prefix_for, rooted

    report = rooted(report, prefix_for(config.output_format, os.environ, os.getcwd()))
    if statistics:
        text = render_statistics(report, config.output_format)
    else:
        hint = not (wanted.fix or wanted.add_ignore)  # these have said what they did and what they leave
        text = render(report, config.output_format, colour=printer.colour and not to_stderr, quiet=printer.quiet, hint=hint)
    if to_stderr and printer.output_file is None:
        click.echo(text, err=True, nl=False)  # standard output is the file
    else:
        printer.write(text)
    if config.output_format == "github" and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
        from reglint.cache import Recorder
        from reglint.report.github import append_summary

        append_summary(report, summary)
        if Recorder.inputs is not None:
            Recorder.inputs.valid = False  # a repeated output would leave the summary out


def _exit_code(report: Report, fail_on: str) -> int:
    from reglint.findings import Level

    return int(fail_on != "never" and any(finding.level.rank >= Level(fail_on).rank for finding in report.findings))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@FILE_OPTIONS
@RULE_OPTIONS
@click.option("--output-file", "-o", metavar="FILE", help="Where to record (default: the configured baseline, or reglint-baseline.json).")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing.")
def baseline(paths: tuple[str, ...], output_file: str | None, quiet: bool, **options: Any) -> int:
    """Record the findings of today, so that `reglint check --baseline FILE` shows only new ones."""
    from reglint.baseline import FILE, render
    from reglint.engine import check as run
    from reglint.loading import shown_path

    config, request = prepare(paths, options)
    target = os.path.realpath(output_file or config.baseline or FILE)
    with progress_line(quiet) as progress:
        report = run(replace(request, progress=progress))
    if report.crashed:
        raise UsageError("nothing recorded: a rule crashed, see `reglint check`")
    folder = shown_path(os.path.dirname(target), request.working_directory)
    Printer(target, False, quiet, False).write(render(report, folder))
    if not quiet:
        count = len(report.findings)
        click.echo(f"recorded {count} finding{'s' if count != 1 else ''} in {shown_path(target, request.working_directory)}")
    return 0
