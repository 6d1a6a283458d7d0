"""From what the tasks gave to what the user sees: duplicates, suppressions, selection, order, fingerprints."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from reglint.discovery import Target
from reglint.errors import SourceError
from reglint.findings import FileError, Finding, Level
from reglint.fingerprints import with_fingerprints
from reglint.reader.reading import Problem
from reglint.selection import Selection, Selections
from reglint.source import SourceFile, Span
from reglint.suppressions import Suppression, apply_suppressions, read_suppressions, unused
from reglint.survey import Survey
from reglint.work import Outcome, Sources, Task, crash_finding, top_of


class Loaded:
    """Source files by shown path, loaded when first needed; `open_file` opens, by path, those that nobody asked for."""

    def __init__(self, sources: Sources, open_file: Callable[[str], SourceFile]) -> None:
        self._sources = sources
        self._open = open_file
        self._known: dict[str, SourceFile | None] = {}

    def get(self, path: str) -> SourceFile | None:
        """None where the file cannot be read."""
        if path not in self._known:
            try:
                self._known[path] = self._sources[path]() if path in self._sources else self._open(os.path.abspath(path))
            except SourceError:
                self._known[path] = None
        return self._known[path]


def gather(outcomes: Iterable[tuple[Task, Outcome]], survey: Survey, asked: Mapping[str, Target]) -> tuple[list[Finding], list[FileError]]:
    """All findings in files that were asked for, RGL900 and RGL902 among them, each once; and the files that failed."""
    found: list[Finding] = []
    problems = list(survey.problems)
    for task, outcome in outcomes:
        found += outcome.findings
        problems += outcome.problems
        if outcome.crash:
            found.append(crash_finding(outcome.crash, top_of(task.path)))
    failed: dict[str, Problem] = {}
    for problem in problems:
        failed.setdefault(problem.path, problem)
    found += [problem_finding(problem) for path, problem in sorted(failed.items())]
    found = unique(f for f in found if f.span.path in asked)
    errors = {FileError(f.span.path, f.message) for f in found if f.code in ("RGL900", "RGL902")}
    return found, sorted(errors, key=lambda error: (error.path, error.message))


def problem_finding(problem: Problem) -> Finding:
    """RGL900 for a file that cannot be read or parsed."""
    row, column = max(problem.row, 1), max(problem.column, 1)
    end = column + 1 if problem.row > 0 else column  # without a place in the file there is nothing to underline
    return Finding("RGL900", "unparsable-file", Level.NOTE, problem.message[:100], Span(problem.path, row, column, row, end))


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per rule and place, the most severe and best explained of those that begin there, in order of place."""
    best: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        span = finding.span
        key = (span.path, span.cell, span.row, span.column, finding.code)
        if key not in best or _worth(finding) > _worth(best[key]):
            best[key] = finding
    return sorted(best.values(), key=place)


def _worth(finding: Finding) -> tuple[object, ...]:
    """A total order, so that the choice does not depend on which came first."""
    return finding.level.rank, finding.formula is not None, finding.fix is not None, len(finding.related), finding.message, repr(finding)


def place(finding: Finding) -> tuple[object, ...]:
    """Sort key: path, cell, row, column, code, message."""
    span = finding.span
    return span.path, -1 if span.cell is None else span.cell, span.row, span.column, finding.code, finding.message


def settle(
    found: list[Finding], asked: Mapping[str, Target], marked: Mapping[str, bool], selections: Selections, sources: Loaded
) -> tuple[list[Finding], int]:
    """What remains after selection and suppression comments, with fingerprints; and how many comments silenced.

    `marked`: the files with such comments, and whether one of them is for reglint alone, and so reported where it is unused.
    """
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_path[finding.span.path].append(finding)
    kept: list[Finding] = []
    suppressed = 0
    for path in sorted({*by_path, *(path for path, ours in marked.items() if ours), *_notebooks(asked)}):
        absolute = asked[path].absolute
        selection = selections.of(os.path.dirname(absolute))
        source = sources.get(path)
        here = by_path[path] + (_blanked_cells(source) if source is not None else [])
        here = [finding for finding in here if selection.keeps(finding, absolute)]
        if source is not None and path in marked:
            before = len(here)
            here, silenced = _suppress(here, source, selection, absolute)
            suppressed += silenced
            assert len(here) + silenced >= before
        kept += with_fingerprints(unique(here), source)
    return sorted(kept, key=place), suppressed


def _notebooks(asked: Mapping[str, Target]) -> list[str]:
    return [path for path in asked if path.endswith(".ipynb")]


def _blanked_cells(source: SourceFile) -> list[Finding]:
    """RGL900 for every notebook cell that was left out."""
    spans = ((blank, source.span(blank.row, blank.column - 1, blank.row, blank.column)) for blank in source.blanked)
    return [replace(problem_finding(Problem(source.path, blank.message)), span=span) for blank, span in spans]


def _suppress(here: list[Finding], source: SourceFile, selection: Selection, absolute: str) -> tuple[list[Finding], int]:
    """Apply the comments of a file; comments that are wrong or of no use become findings, which comments can silence too."""
    known = {word for rule in selection.rules for word in (rule.code, rule.name)}
    comments, wrong = read_suppressions(source, known)
    kept, used = apply_suppressions(here, comments, source)
    silenced = len(here) - len(kept)
    extra = list(wrong)
    if not any(finding.code in ("RGL900", "RGL902") for finding in here):  # else what was not found may be there all the same
        for index, comment in enumerate(comments):
            idle = [code for code in comment.codes if code not in used[index] and _could_speak(code, selection)]
            if comment.strict and (idle or (not comment.codes and not used[index])):
                extra.append(unused(comment, idle))
    extra, _ = apply_suppressions([f for f in extra if selection.keeps(f, absolute)], _naming(comments, "RGL901", "RGL903"), source)
    return kept + extra, silenced


def _naming(comments: list[Suppression], *codes: str) -> list[Suppression]:
    return [comment for comment in comments if any(code in comment.codes for code in codes)]


def _could_speak(code: str, selection: Selection) -> bool:
    """Is an entry for rules that are in force? One for a rule that is switched off is not unused, and RGL9 ones are about itself."""
    rules = [rule for rule in selection.rules if code in (rule.code, rule.name) or rule.code.startswith(code)]
    return any(selection.may_want(rule.code) and not rule.code.startswith("RGL90") for rule in rules)
