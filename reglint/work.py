"""One unit of work: read one file of a project and run the rules on what the reading gives. Runs in a worker or in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from reglint.checks import Rule
from reglint.errors import SourceError
from reglint.findings import Finding, Level
from reglint.reader.outline import Outline
from reglint.reader.reading import Problem, Reading
from reglint.reader.tree import check_syntax
from reglint.source import SourceFile, Span
from reglint.step.model import StepModel

Sources = Mapping[str, Callable[[], SourceFile]]
Covered = frozenset[tuple[str, str]]


class ProjectLike(Protocol):
    """What the engine needs of the reader's Project."""

    steps_only: bool
    triage: bool

    def scan(self, path: str) -> tuple[Outline | None, tuple[Problem, ...]]:
        """A first look at a file of the project."""

    def learn(self, outlines: Mapping[str, Outline | None]) -> None:
        """What the scans of all files gave."""

    def roots(self) -> tuple[str, ...]:
        """Files whose main part is worth evaluating."""

    def rest(self) -> tuple[str, ...]:
        """Files with functions or classes that are worth evaluating."""

    def lookups(self) -> tuple[str, ...]:
        """The paths whose being there was asked for since the last time."""

    def is_full(self) -> bool:
        """Is so much held that it should be given back?"""

    def forget(self) -> None:
        """Give memory back."""

    def read(self, path: str) -> Reading:
        """Evaluate one file's top level, following calls into other files."""

    def read_rest(self, path: str, covered: Covered) -> Reading:
        """Evaluate what of a file nobody reached."""


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """`scan`, `read` or `rest` of a file of the project, or `parse`: only make sure that it is Python."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task gave; small enough to be sent between processes. `crash`: the reader itself failed."""

    findings: tuple[Finding, ...] = ()
    covered: Covered = frozenset()
    problems: tuple[Problem, ...] = ()
    crash: str = ""
    steps: tuple[StepModel, ...] = ()
    files: frozenset[str] = frozenset()
    lookups: tuple[str, ...] = ()
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Everything a worker needs to do any task."""

    project: ProjectLike
    sources: Sources
    rules: tuple[Rule, ...]
    keep_steps: bool = False

    def run(self, task: Task, covered: Covered) -> Outcome:
        """Do one task; whatever goes wrong becomes part of the outcome."""
        if task.kind == "parse":
            return Outcome(problems=_syntax_problems(task.path, self.sources))
        try:
            if task.kind == "scan":
                found, problems = self.project.scan(task.path)
                return Outcome(problems=problems, outline=found)
            reading = self.project.read(task.path) if task.kind == "read" else self.project.read_rest(task.path, covered)
        except Exception as error:  # one file must not end the run, whatever the bug is
            return Outcome(crash=f"reading failed: {describe(error)}")
        findings = tuple(_run_rules(self.rules, reading, task.path))
        steps = reading.steps if self.keep_steps else ()
        return Outcome(findings, reading.covered, reading.problems, "", steps, reading.files, self.project.lookups())


def _run_rules(rules: Iterable[Rule], reading: Reading, path: str) -> Iterable[Finding]:
    for rule in rules:
        for model in reading.steps if rule.reads == "step" else reading.traces:
            try:
                yield from tuple(rule.check(model))
            except Exception as error:  # a check that fails must not take the others with it
                span = getattr(model, "span", None)
                yield crash_finding(f"{rule.code} failed: {describe(error)}", span if isinstance(span, Span) else top_of(path))


def crash_finding(message: str, span: Span) -> Finding:
    """RGL902: a bug in reglint, at the place that brought it out."""
    help = "this is a bug in reglint: please report it with the code it stumbled over"
    return Finding("RGL902", "check-crashed", Level.ERROR, message[:100], span, help=help)


def top_of(path: str) -> Span:
    """The place of what concerns a whole file."""
    return Span(path, 1, 1, 1, 1)


def describe(error: BaseException) -> str:
    """`KeyError: 'lr' (evaluate.py:40)`: the last line of a traceback and where it comes from."""
    where = ""
    at = error.__traceback__
    while at is not None:
        where = f" ({at.tb_frame.f_code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{at.tb_lineno})"
        at = at.tb_next
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if text else ''}{text[:50]}{where}"


def _syntax_problems(path: str, sources: Sources) -> tuple[Problem, ...]:
    """Why a file cannot be read or parsed; empty where it can."""
    try:
        check_syntax(sources[path]())
    except SourceError as error:
        return (Problem(path, str(error), error.row, error.column),)
    return ()
