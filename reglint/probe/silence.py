"""Suppression comments hold for measured findings too."""

from __future__ import annotations

import os
from collections.abc import Iterable

from reglint.checks import all_rules
from reglint.errors import SourceError
from reglint.findings import Finding
from reglint.loading import load
from reglint.suppressions import apply_suppressions, read_suppressions


def unsuppressed(findings: Iterable[Finding], directory: str) -> Iterable[Finding]:
    """The findings that no comment at their place silences; places outside of any readable file stay."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.span.path, []).append(finding)
    for path, here in by_path.items():
        absolute = os.path.join(directory, path)
        try:
            source = load(path, absolute) if os.path.isfile(absolute) else None
        except SourceError:
            source = None
        if source is None or not any("reglint" in line or "noqa" in line for line in source.lines):
            yield from here
            continue
        comments, _ = read_suppressions(source, {word for rule in all_rules() for word in (rule.code, rule.name)})
        yield from apply_suppressions(here, comments, source)[0]
