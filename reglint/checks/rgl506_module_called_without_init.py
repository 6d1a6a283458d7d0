"""RGL506: parts are assigned to a module before nn.Module.__init__() has run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.step.trace import AssignedTooEarly, Trace


@rule(
    "RGL506",
    "module-called-without-init",
    Level.ERROR,
    "a module gets parts before nn.Module.__init__() has run",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One finding per class, at the first assignment: it raises an AttributeError."""
    seen: set[str] = set()
    for early in trace.of(AssignedTooEarly):
        if isinstance(early, AssignedTooEarly) and early.class_name not in seen and not _is_template(early.place.source.path):
            seen.add(early.class_name)
            message = f"{early.class_name}.{early.attribute} is assigned before nn.Module.__init__() has run: AttributeError"
            yield rule.finding(early.place.span, message, help="call super().__init__() first")


def _is_template(path: str) -> bool:
    """Is it a modular_*.py of transformers, from which modeling_*.py is generated, constructors merged, and which is never run?"""
    return posixpath.basename(path.replace("\\", "/")).startswith("modular_")
