"""What a check says: findings, their evidence and their fixes. Data only."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from reglint.source import SourceFile, Span


class Level(enum.StrEnum):
    """How sure and how bad: see RULES; `note` never fails a run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """3 for error, 2 for warning, 1 for note."""
        return {"error": 3, "warning": 2, "note": 1}[self.value]


class Safety(enum.StrEnum):
    """SAFE only if the program computes the same numbers after the fix."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that belongs to a finding, such as the optimizer of a double L2."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `content`; an empty span inserts."""

    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the source that removes the finding."""

    message: str
    safety: Safety
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class FormulaPair:
    """The update the parameters get, and the one they would get without the mistake."""

    effective: str
    intended: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake at one place. `fingerprint` is filled in by the engine."""

    code: str
    name: str
    level: Level
    message: str
    span: Span
    related: tuple[Related, ...] = ()
    formula: FormulaPair | None = None
    help: str | None = None
    fix: Fix | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class FileError:
    """A file that could not be read or parsed, or on which a check failed."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: findings sorted by place; `files` were asked for, `analysed` of them looked at closely.

    `sources` holds the files that findings point into, for whoever shows them. `crashed`: a bug in reglint showed itself.
    `file_rows`: of notebooks with findings, the row of the .ipynb file that each row of a cell stands in.
    """

    findings: tuple[Finding, ...] = ()
    errors: tuple[FileError, ...] = ()
    files: int = 0
    analysed: int = 0
    seconds: float = 0.0
    suppressed: int = 0
    crashed: bool = False
    sources: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    file_rows: Mapping[str, Mapping[int, tuple[int, ...]]] = field(default_factory=dict, repr=False)

    def file_row(self, span: Span) -> int:
        """The row of the file that a span begins in, for those who know no cells; 1 where that is not known."""
        if span.cell is None:
            return span.row
        rows = self.file_rows.get(span.path, {}).get(span.cell, ())
        return rows[span.row - 1] if 0 < span.row <= len(rows) else 1

    def count(self, level: Level) -> int:
        """How many findings have this level."""
        return sum(finding.level is level for finding in self.findings)
