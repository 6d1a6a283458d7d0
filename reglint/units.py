"""Outlines of files and outcomes of tasks, kept from run to run; each holds while all that it was made from is the same.

An outline is made from one file. The outcome of a task is made from the files it looked into, from which files there are
(a new file can change what an import means), and, for the rest of a file, from which of its functions were reached before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from reglint import cache
from reglint.findings import Finding
from reglint.reader.outline import Outline
from reglint.reader.reading import Problem
from reglint.work import Covered, Outcome, Task


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look at a file gave, by the content of the file; `kind` is that of the task."""

    content: str
    kind: str
    outline: msgspec.Raw
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a task. `made_from`: files as shown and their content; `before`: what was reached of the file before."""

    made_from: dict[str, str]
    before: str
    findings: msgspec.Raw
    covered: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Stored:
    """The content of the file. `names` stands for which files there are."""

    names: str = ""
    looks: dict[str, Look] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)


class Units:
    """The units of one selection of rules. `content_of` gives the content of a file as shown, in short."""

    def __init__(self, directory: str, selection: Iterable[str], names: str, content_of: Callable[[str], str]) -> None:
        key = hashlib.sha1("\n".join((cache.code_stamp(), *selection)).encode(), usedforsecurity=False).hexdigest()
        self._path = os.path.join(directory, f"units-{key}.json")
        self._content_of = content_of
        self._names = names
        self._old = self._read()
        self._new = Stored(names)

    def _read(self) -> Stored:
        try:
            with open(self._path, "rb") as file:
                return msgspec.json.decode(file.read(), type=Stored)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Stored()  # none, damaged, or not one of ours

    def known(self, task: Task, covered: Covered) -> Outcome | None:
        """What the task gave last time, if it would give the same now."""
        try:
            return self._known_look(task) if task.kind in ("scan", "parse") else self._known_result(task, covered)
        except (msgspec.MsgspecError, RecursionError):
            return None  # damaged inside

    def _known_look(self, task: Task) -> Outcome | None:
        look = self._old.looks.get(task.path)
        if look is None or look.kind != task.kind or look.content != self._content_of(task.path):
            return None
        found = msgspec.json.decode(look.outline, type=Outline | None)
        self._new.looks[task.path] = look
        return Outcome(problems=look.problems, outline=found)

    def _known_result(self, task: Task, covered: Covered) -> Outcome | None:
        result = self._old.results.get(f"{task.kind} {task.path}")
        if result is None or self._old.names != self._names or result.before != _reached(task, covered):
            return None
        if any(self._content_of(path) != content for path, content in result.made_from.items()):
            return None
        findings = msgspec.json.decode(result.findings, type=tuple[Finding, ...])
        self._new.results[f"{task.kind} {task.path}"] = result
        return Outcome(findings, frozenset(result.covered), result.problems, files=frozenset(result.made_from))

    def add(self, done: Mapping[Task, Outcome], covered: Covered) -> None:
        """Remember what tasks gave; what a crash or a time limit gave is no result."""
        encode = msgspec.json.Encoder(order="deterministic").encode
        for task, outcome in done.items():
            if outcome.crash:
                continue
            if task.kind in ("scan", "parse"):
                raw = msgspec.Raw(encode(outcome.outline))
                self._new.looks[task.path] = Look(self._content_of(task.path), task.kind, raw, outcome.problems)
            elif not any(f.code == "RGL902" for f in outcome.findings):
                made_from = {path: self._content_of(path) for path in sorted({task.path, *outcome.files})}
                reached = tuple(sorted(outcome.covered))
                raw = msgspec.Raw(encode(outcome.findings))
                self._new.results[f"{task.kind} {task.path}"] = Result(made_from, _reached(task, covered), raw, reached, outcome.problems)

    def save(self, stay: bool) -> None:
        """Write everything down. `stay`: this was a run over a few files, which only adds its looks to those of the others."""
        if stay:
            self._new = Stored(self._old.names, {**self._old.looks, **self._new.looks}, self._old.results)
        if self._new != self._old:
            cache.write(self._path, msgspec.json.encode(self._new))


def _reached(task: Task, covered: Covered) -> str:
    """What was reached of the task's file before, in short."""
    names = sorted(name for path, name in covered if path == task.path) if task.kind == "rest" else []
    return hashlib.sha1("\n".join(names).encode(), usedforsecurity=False).hexdigest()
