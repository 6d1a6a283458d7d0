"""What reading one root gives: traces of events, step models, coverage and dependencies."""

from __future__ import annotations

from dataclasses import dataclass, field

from reglint.step.model import StepModel
from reglint.step.trace import Trace


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read or parsed: becomes RGL900. Row and column from 1, 0 where not known."""

    path: str
    message: str
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of evaluating from one file. `covered` are functions reached, `files` every path that was looked into."""

    traces: tuple[Trace, ...] = ()
    steps: tuple[StepModel, ...] = ()
    covered: frozenset[tuple[str, str]] = frozenset()
    files: frozenset[str] = field(default_factory=frozenset)
    problems: tuple[Problem, ...] = ()
