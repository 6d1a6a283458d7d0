"""A look at the bytes of every file before anything is parsed: can it be read, can it matter, does it hold suppressions?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from reglint.discovery import Target
from reglint.errors import SourceError
from reglint.loading import load, read_bytes, source_from_bytes
from reglint.reader.reading import Problem
from reglint.source import SourceFile, triage
from reglint.suppressions import NOQA, OURS


@dataclass(slots=True)
class Survey:
    """`sources`: how to load each readable file; `relevant`: those that can hold training code; `marked`: those with
    suppression comments, and whether some are reglint's own; `problems`: the unreadable ones. `sizes` in bytes, `contents` in short."""

    sources: dict[str, Callable[[], SourceFile]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    relevant: list[str] = field(default_factory=list)
    marked: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)


def survey_files(targets: tuple[Target, ...], *, stdin: bytes | None, overlay: Mapping[str, bytes]) -> Survey:
    """Read every target once; the first one is standard input unless `stdin` is None, `overlay` holds what stands in for files."""
    survey = Survey()
    for number, target in enumerate(targets):
        path, absolute = target.path, target.absolute
        given = overlay.get(absolute, None if number else stdin)
        try:
            data = read_bytes(absolute) if given is None else given
        except SourceError as error:
            survey.problems.append(Problem(path, str(error)))
            continue
        survey.sources[path] = partial(load, path, absolute) if given is None else partial(source_from_bytes, data, path, absolute)
        survey.sizes[path] = len(data)
        survey.contents[path] = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if triage(data):
            survey.relevant.append(path)
        if NOQA.search(data):
            survey.marked[path] = False
        if OURS.search(data):
            survey.marked[path] = True
    return survey
