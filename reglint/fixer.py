"""Applying fixes: those that do not touch each other, then what is found after them, until nothing is left to do.

Nothing is written before everything is settled. A fix is dropped where it cannot be applied without guessing, where the
result would not parse, or where its finding is still there afterwards.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reglint.edits import Doubt, conflict, ensure_sound, rewrite
from reglint.errors import SourceError, UsageError
from reglint.findings import Finding, Report, Safety
from reglint.loading import read_bytes, source_from_bytes
from reglint.source import SourceFile

PASSES = 10
Contents = dict[str, bytes]  # by absolute path
Check = Callable[[Mapping[str, bytes]], Report]  # what is found with these contents instead of those on disk


@dataclass(frozen=True, slots=True)
class Change:
    """A file that fixes change: `path` as shown, `absolute` as opened."""

    path: str
    absolute: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixing came to: `report` is of the files as they are afterwards, `refused` the findings whose fix was dropped, with why."""

    report: Report
    changes: tuple[Change, ...] = ()
    applied: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()


def fix(check: Check, *, unsafe: bool, given: Mapping[str, bytes] | None = None) -> Fixed:
    """Fix what can be fixed, in memory. `given`: contents of files that are not what is on disk, such as standard input."""
    first = report = check(given or {})
    contents: Contents = dict(given or {})
    paths: dict[str, str] = {}
    applied: list[Finding] = []
    refused: dict[tuple[str, str], tuple[Finding, str]] = {}
    rounds = 0
    while rounds < PASSES:  # a round that only refuses something does not count: there are not more of these than findings
        wanted = [f for f in _fixable(report, unsafe) if _key(f) not in refused]
        if not wanted:
            return Fixed(report, _changes(given or {}, contents, paths), tuple(applied), tuple(refused.values()))
        after, done = _apply(wanted, report, contents, refused)
        if not done:
            continue
        then = check(after)
        stubborn = _still_there(report, then, done)
        if stubborn:
            refused.update({_key(f): (f, "its finding would still be there afterwards") for f in stubborn})
            continue
        paths.update({source.absolute: path for path, source in report.sources.items()})
        contents, report, rounds = after, then, rounds + 1
        applied += done
    return Fixed(first, refused=tuple((f, f"no end after {PASSES} rounds of fixes") for f in _fixable(first, unsafe)))


def _fixable(report: Report, unsafe: bool) -> list[Finding]:
    broken = {error.path for error in report.errors}
    return [f for f in report.findings if f.fix is not None and (unsafe or f.fix.safety is Safety.SAFE) and f.span.path not in broken]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.span.path, finding.fingerprint


def _apply(
    wanted: Iterable[Finding], report: Report, contents: Contents, refused: dict[tuple[str, str], tuple[Finding, str]]
) -> tuple[Contents, list[Finding]]:
    """Add one fix after the other to those that are applied together; what clashes with an earlier one waits for the next round."""
    done: list[Finding] = []
    now = dict(contents)
    for finding in wanted:
        assert finding.fix is not None
        if any(conflict(finding.fix.edits, other.fix.edits) for other in done if other.fix is not None):
            continue
        try:
            now |= _applied([*done, finding], {edit.span.path for edit in finding.fix.edits}, report, contents)
        except Doubt as doubt:
            refused[_key(finding)] = (finding, str(doubt))
        else:
            done.append(finding)
    return now, done


def _applied(findings: list[Finding], paths: Iterable[str], report: Report, contents: Contents) -> Contents:
    """What some files hold after the fixes of all the findings. Raises Doubt."""
    made: Contents = {}
    for path in sorted(paths):
        source = report.sources.get(path)
        if source is None:
            raise Doubt(f"{path} was not read")
        before = _current(source, contents)
        edits = [edit for f in findings if f.fix is not None for edit in f.fix.edits if edit.span.path == path]
        after = rewrite(before, source.path, edits)
        ensure_sound(before, after, source.path)
        made[source.absolute] = after
    return made


def _current(source: SourceFile, contents: Contents) -> bytes:
    try:
        data = contents[source.absolute] if source.absolute in contents else read_bytes(source.absolute)
        if source_from_bytes(data, source.path, source.absolute).text != source.text:
            raise Doubt("it changed while it was read")
    except SourceError as error:
        raise Doubt(str(error)) from error
    return data


def _still_there(before: Report, after: Report, done: list[Finding]) -> list[Finding]:
    """The findings of which as many are left as before, and those in files that cannot be read any more."""
    was, now = (Counter((f.span.path, f.code) for f in report.findings) for report in (before, after))
    removed = Counter((f.span.path, f.code) for f in done)
    broken = {error.path for error in after.errors} - {error.path for error in before.errors}
    wrong = {key for key, count in removed.items() if now[key] > was[key] - count or key[0] in broken}
    return [f for f in done if (f.span.path, f.code) in wrong]


def _changes(given: Mapping[str, bytes], contents: Contents, paths: dict[str, str]) -> tuple[Change, ...]:
    made = []
    for absolute in sorted(contents, key=lambda absolute: paths.get(absolute, absolute)):
        before = given[absolute] if absolute in given else read_bytes(absolute)
        if before != contents[absolute]:
            made.append(Change(paths[absolute], absolute, before, contents[absolute]))
    return tuple(made)


def write(changes: Iterable[Change]) -> None:
    """Write changed files, each in one go, links followed, modes kept. Raises UsageError for one that cannot be written.

    Where that can be told before, nothing is written: half of the fixes are worse than none.
    """
    every = list(changes)
    for act in (_ensure_writable, _write):
        for change in every:
            try:
                act(change, os.path.realpath(change.absolute))  # the file that a link stands for, not the link
            except (OSError, SourceError) as error:
                why = (getattr(error, "strerror", None) or str(error)).lower()
                raise UsageError(f"cannot write {change.path}: {why}") from error


def _ensure_writable(change: Change, target: str) -> None:
    if read_bytes(target) not in (change.before, change.after):  # after: it has two names here
        raise UsageError(f"{change.path} changed meanwhile: nothing was written, run again")
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "permission denied")


def _write(change: Change, target: str) -> None:
    if read_bytes(target) != change.after:  # it is, where it was written already under another name
        _replace(target, change.after)


def _replace(target: str, data: bytes) -> None:
    """Whoever looks sees the old file or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(prefix=".reglint-", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        status = os.stat(target)
        os.chmod(temporary, status.st_mode & 0o7777)
        with contextlib.suppress(OSError, AttributeError):  # not ours to give away; the file is ours then
            os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def told(fixed: Fixed, *, unsafe: bool, would: bool = False) -> str:
    """`fixed 3 findings in 2 files (RGL201, RGL501)`, with what is left to `--unsafe-fixes`."""
    codes = sorted({finding.code for finding in fixed.applied})
    verb = "would fix" if would else "fixed"
    parts = [f"{verb} {_counted(fixed.applied, 'finding')} in {_counted(fixed.changes, 'file')} ({', '.join(codes)})"] if codes else []
    more = 0 if unsafe else sum(f.fix is not None and f.fix.safety is Safety.UNSAFE for f in fixed.report.findings)
    if more:
        parts.append(f"{more} {'more ' if parts else ''}with --unsafe-fixes, which change the numbers")
    return "; ".join(parts) or f"nothing {'to fix' if would else 'fixed'}"


def _counted(things: tuple[Any, ...], word: str) -> str:
    return f"{len(things)} {word}{'s' if len(things) != 1 else ''}"
