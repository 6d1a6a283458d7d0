"""A project and rules for tests of the engine: every line that says `bad RGLnnn` is a finding of that rule."""

from __future__ import annotations

import ast
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reglint.checks import Rule, all_rules
from reglint.errors import SourceError
from reglint.findings import Edit, Finding, Fix, FormulaPair, Level, Related, Safety
from reglint.reader.reading import Problem, Reading
from reglint.source import SourceFile, Span


@dataclass(frozen=True)
class FakeTrace:
    """What the fake reader hands to the rules: the file."""

    source: SourceFile


class FakeProject:
    """Reads a file as one trace. Words in the text make it fail: `crash!`, `hang!`, `die!`."""

    def __init__(self, sources: Mapping[str, Callable[[], SourceFile]], open_file: Callable[[str], SourceFile]) -> None:
        self.sources = sources
        self.steps_only = False
        self.triage = True

    def scan(self, path: str) -> tuple[None, tuple[Problem, ...]]:
        """Nothing is looked at before it is read."""
        return None, ()

    def learn(self, outlines: Mapping[str, object]) -> None:
        """Nothing to learn."""

    def roots(self) -> tuple[str, ...]:
        """All files."""
        return tuple(self.sources)

    def rest(self) -> tuple[str, ...]:
        """All files."""
        return tuple(self.sources)

    def lookups(self) -> tuple[str, ...]:
        """Nothing is looked up."""
        return ()

    def is_full(self) -> bool:
        """Never."""
        return False

    def forget(self) -> None:
        """Nothing is kept."""

    def read(self, path: str) -> Reading:
        """The whole file is one trace."""
        try:
            source = self.sources[path]()
            ast.parse(source.text)
        except SourceError as error:
            return Reading(problems=(Problem(path, str(error), error.row, error.column),))
        except SyntaxError as error:
            return Reading(problems=(Problem(path, "syntax error: invalid syntax", error.lineno or 0, error.offset or 0),))
        if "crash!" in source.text:
            raise KeyError("lr")
        if "hang!" in source.text:
            signal.pause()
        if "die!" in source.text:
            os._exit(3)
        return Reading(traces=(FakeTrace(source),), covered=frozenset({(path, "f")}))  # type: ignore[arg-type]

    def read_rest(self, path: str, covered: frozenset[tuple[str, str]]) -> Reading:
        """Everything was reached."""
        return Reading()


def _check(code: str) -> Callable[[FakeTrace], Iterator[Finding]]:
    def check(trace: FakeTrace) -> Iterator[Finding]:
        known = next(rule for rule in FAKE_RULES if rule.code == code)
        for row, line in enumerate(trace.source.lines, 1):
            if "broken check" in line and code == "RGL101":
                raise ValueError("two\nlines")
            for match in re.finditer(rf"bad {code}(?::(\w+))?", line):
                start = len(line) - len(line.lstrip())
                span = trace.source.span(row, len(line[:start].encode()), row, len(line.split("#")[0].rstrip().encode()))
                level = Level(match[1]) if match[1] else known.level
                yield _finding(known, span, level, trace.source)

    return check


def _finding(rule: Rule, span: Span, level: Level, source: SourceFile) -> Finding:
    first = source.span(1, 0, 1, len(source.lines[0].encode()))
    fix = Fix("set it to 0", Safety.UNSAFE, (Edit(span, "pass"),)) if rule.fix else None
    return Finding(
        rule.code, rule.name, level, f"something is wrong by a factor {span.row}", span, (Related("because of this", first),),
        FormulaPair("w ← w − 0.1·(∇L + 0.02·w)", "w ← w − 0.1·(∇L + 0.01·w)"), "choose one of the two", fix,
    )  # fmt: skip


FAKE_RULES: tuple[Rule, ...] = (
    Rule("RGL101", "double-l2", Level.WARNING, "the decay acts twice", "0.1.0", "trace", _check("RGL101"), Safety.UNSAFE),
    Rule("RGL102", "decay-on-bias-or-norm", Level.NOTE, "biases are decayed", "0.1.0", "trace", _check("RGL102")),
    Rule("RGL201", "deprecated-reduction-argument", Level.ERROR, "an old argument", "0.1.0", "trace", _check("RGL201")),
    Rule("RGL299", "preview-rule", Level.ERROR, "not on by default", "0.1.0", "trace", _check("RGL299"), default=False),
    *(rule for rule in all_rules() if rule.code.startswith("RGL90")),
)
