"""A check as the user asked for it: what the engine finds, without what is known from a baseline or an earlier revision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from reglint.baseline import Known, known_from, read, without
from reglint.config import Config
from reglint.engine import Request, check
from reglint.errors import SourceError
from reglint.findings import Report
from reglint.loading import read_bytes, shown_path


def _silent(text: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Run:
    """A request with the findings that are known: each with the folder that its paths are relative to, as shown."""

    request: Request
    known: tuple[tuple[str, Known], ...] = ()
    note: Callable[[str], None] = _silent

    @property
    def given(self) -> dict[str, bytes]:
        """Standard input by the path it stands for; empty where it is not asked for."""
        if self.request.stdin is None or "-" not in self.request.paths:
            return {}
        name = self.request.stdin_filename or "stdin.py"
        return {os.path.normpath(os.path.join(self.request.working_directory, name)): self.request.stdin}

    def check(self, overlay: Mapping[str, bytes] | None = None) -> Report:
        """What is found and not known."""
        report = check(replace(self.request, overlay=overlay or {}))
        for prefix, known in self.known:
            before = len(report.findings)
            report, gone = without(report, known, prefix)
            self.note(f"{before - len(report.findings)} known findings left out, {gone} of the known ones are gone")
        return replace(report, file_rows=dict(self._notebooks(report, overlay or {})))

    def _notebooks(self, report: Report, overlay: Mapping[str, bytes]) -> Iterator[tuple[str, dict[int, tuple[int, ...]]]]:
        """Where the rows of cells with findings stand in their files."""
        paths = sorted({f.span.path for f in report.findings if f.span.cell is not None and f.span.path in report.sources})
        for path in paths:
            from reglint.notebook_edits import file_rows

            absolute = report.sources[path].absolute
            data = overlay.get(absolute, self.given.get(absolute))
            with suppress(SourceError):  # gone meanwhile
                yield path, file_rows(read_bytes(absolute) if data is None else data)


def prepare(request: Request, config: Config, diff_base: str | None = None, note: Callable[[str], None] = _silent) -> Run:
    """Look up what is known before anything is checked. Raises UsageError for a baseline or revision that cannot be read."""
    known: list[tuple[str, Known]] = []
    if config.baseline:
        path = os.path.join(request.working_directory, config.baseline)
        folder = shown_path(os.path.dirname(os.path.realpath(path)), request.working_directory)
        known.append(("" if folder == "." else folder, read(path, shown_path(path, request.working_directory))))
    if diff_base is not None:
        known.append(("", _before(request, diff_base)))
    return Run(request, tuple(known), note)


def _before(request: Request, revision: str) -> Known:
    """The findings of the state that the change began at."""
    from reglint.revision import base_of  # most runs compare nothing

    paths = [path for path in request.paths if path != "-"]
    if "-" in request.paths and request.stdin_filename:
        paths.append(request.stdin_filename)
    with base_of(revision, request.working_directory, paths) as base:
        if not base.paths:
            return known_from(())  # everything that is asked about is new
        then = replace(request, paths=base.paths, working_directory=base.directory, stdin=None, stdin_filename=None)
        return known_from(check(then).findings)
