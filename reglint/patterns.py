"""File patterns as in .gitignore; pathspec does the work, plain names take a short cut."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reglint.cache import Recorder


@dataclass(frozen=True)
class Patterns:
    """The lines of one pattern list, matched against paths relative to the directory it belongs to."""

    lines: tuple[str, ...]

    def matches(self, root: str, absolute: str, *, directory: bool = False) -> bool:
        """Is the path, or a directory above it but below `root`, matched?"""
        return self.verdict(root, absolute, directory=directory) is True

    def verdict(self, root: str, absolute: str, *, directory: bool = False) -> bool | None:
        """True matched, False re-included by a `!` line, None not mentioned; the last matching line decides."""
        relative = os.path.relpath(absolute, root).replace(os.sep, "/")
        if relative == "." or relative.startswith("../"):
            return None  # outside: patterns of a directory say nothing about it
        names, spec = self._compiled
        if names and not names.isdisjoint(relative.split("/")):
            return True
        if spec is None:
            return None
        found: bool | None = spec.check_file(relative + "/" if directory else relative).include
        return found

    @cached_property
    def _compiled(self) -> tuple[frozenset[str], Any]:
        """Plain names, which need no regular expression, and a pathspec for the rest; order only matters where a line negates."""
        from pathspec import GitIgnoreSpec

        if any(line.startswith("!") for line in self.lines):
            return frozenset(), GitIgnoreSpec.from_lines(self.lines)
        names = frozenset(line for line in self.lines if line and not set(line) & set("/*?[!#\\ "))
        rest = [line for line in self.lines if line not in names]
        return names, GitIgnoreSpec.from_lines(rest) if rest else None


def read_patterns(path: str) -> Patterns | None:
    """The patterns of a .gitignore file, None where there is none that can be read."""
    if Recorder.inputs is not None:
        Recorder.inputs.files.add(path)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return Patterns(tuple(file.read().splitlines()))
    except OSError:
        return None
