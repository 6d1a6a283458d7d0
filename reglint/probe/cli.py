"""`reglint probe`: options → request → report → exit code. The parent process never imports torch."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable

import click

from reglint.errors import UsageError
from reglint.findings import Finding, Level, Report
from reglint.probe.launch import TIMEOUT, Request, command_line, python_command, run
from reglint.probe.report import ProbeReport
from reglint.probe.verdict import judged
from reglint.source import SourceFile

_FORMATS = ("full", "json")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": ["-h", "--help"]})
@click.option("--steps", default=2, show_default=True, type=click.IntRange(1), help="Optimizer steps to observe, per optimizer.")
@click.option(
    "--timeout", default=TIMEOUT, show_default=True, type=click.FloatRange(0), help="Seconds until the program is stopped; 0: none."
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", help="cpu hides CUDA, cuda insists on it.")
@click.option("--output-format", type=click.Choice(_FORMATS), default="full", show_default=True)
@click.option("--output-file", "-o", type=click.Path(dir_okay=False), help="Write the report here instead of standard output.")
@click.option("--report", "page", metavar="FILE.html", help="Also write a page to look at: formulas, parameters, updates, verdicts.")
@click.option("--cwd", type=click.Path(exists=True, file_okay=False), default=None, help="Directory to run in.")
@click.option("--keep-running", is_flag=True, help="Observe without stopping: the program runs to its end.")
@click.option("--until-eval", is_flag=True, help="End the training loaders early, to see an evaluation as well.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note", "never"]), default="warning", show_default=True)
@click.option("--quiet", "-q", is_flag=True, help="A line per finding that no verdict tells of, and no code frames.")
@click.option("-m", "module", metavar="MODULE", help="Run a module instead of a script; what follows are its arguments.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT | -- COMMAND] [ARGS]...")
def probe(
    steps: int,
    timeout: float,
    device: str,
    output_format: str,
    output_file: str | None,
    page: str | None,
    cwd: str | None,
    keep_running: bool,
    until_eval: bool,
    fail_on: str,
    quiet: bool,
    module: str | None,
    command: tuple[str, ...],
) -> int:
    """Run SCRIPT for a few training steps and print the update formula its parameters really get.

    The program is executed as it is, with its files, network and devices, and stopped after the last observed step.
    A launcher works too: reglint probe -- torchrun --nproc-per-node 2 train.py
    """
    words = command_line(command, cwd or "") if module is None else python_command(None, module, command)
    request = Request(words, steps, timeout, device, cwd or "", keep_running, until_eval)
    end = "to its end" if keep_running else f"and stopped after {steps} step{'s' if steps > 1 else ''} per optimizer"
    click.echo(f"reglint probe: the program is executed now, {end}: {shlex.join(words)}", err=True)
    report = _with_verdicts(run(request), words, cwd or "")
    text = json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n" if output_format == "json" else _full(report, quiet)
    if page is not None:
        _write_page(report, page, shlex.join(words))
    if output_file is None:
        click.echo(text, nl=False)
    else:
        with open(output_file, "w", encoding="utf-8") as file:
            file.write(text)
    return _exit_code(report, fail_on)


def _write_page(report: ProbeReport, path: str, title: str) -> None:
    from reglint.probe.page import html

    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(html(report, title))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error


def _exit_code(report: ProbeReport, fail_on: str) -> int:
    """0 nothing at or above the level, 1 findings, 2 where no step could be observed."""
    if report.outcome != "ok":
        return 2
    if fail_on == "never":
        return 0
    limit = Level(fail_on).rank
    return int(any(finding.level.rank >= limit for finding in report.findings))


def _with_verdicts(report: ProbeReport, words: tuple[str, ...], cwd: str) -> ProbeReport:
    """The report with verdicts on what the reader finds in the script and in the files that took part in the steps."""
    script = next((os.path.join(cwd, word) for word in words[1:] if word.endswith(".py")), "")
    files = [script, *(finding.span.path for finding in report.findings), *(step.model.optimizer.span.path for step in report.steps)]
    paths = tuple(dict.fromkeys(path for path in files if os.path.isfile(path) and "site-packages" not in path))
    return judged(report, _predicted(paths)) if paths else report


def _predicted(paths: tuple[str, ...]) -> tuple[Finding, ...]:
    """What the reader finds; nothing where it fails, as the measurement stands by itself."""
    from reglint.engine import Request as ReadRequest
    from reglint.engine import check

    try:
        return check(ReadRequest(paths)).findings
    except Exception as error:  # a defect of the reader must not cost the measurement, which may have taken minutes
        click.echo(f"reglint probe: no predictions: {type(error).__name__}: {error}", err=True)
        return ()


def _full(report: ProbeReport, quiet: bool) -> str:
    """Formulas and remarks, then the findings as `reglint check` shows them."""
    from reglint.report.text import render_concise, render_full

    text = report.text()
    if not report.findings:
        return text
    if quiet:
        told = [(v.code, v.because) for v in report.verdicts if v.status == "confirmed"]
        rest = (f for f in report.findings if not any(code == f.code and f.message in because for code, because in told))
        return text + render_concise(Report(findings=tuple(rest)))
    return text + "\n" + render_full(Report(findings=report.findings, sources=dict(_sources(report))), quiet=True)


def _sources(report: ProbeReport) -> Iterable[tuple[str, SourceFile]]:
    from reglint.loading import load

    for path in dict.fromkeys(finding.span.path for finding in report.findings):
        absolute = os.path.join(report.directory, path)
        if os.path.isfile(absolute):
            yield path, load(path, absolute)
