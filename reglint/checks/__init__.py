"""The registry of rules: one module per rule, found by import, validated when loaded.

A rule module holds one `@rule(...)` function. `reads="step"` checks get a StepModel (from the reader or the probe) and
yield findings; `reads="trace"` checks get the reader's Trace of events, with its step models in `steps`; `reads="both"`
checks get either, because events show what a step model leaves out. Nothing else registers a rule.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from reglint.findings import Finding, Fix, FormulaPair, Level, Related, Safety
from reglint.source import Span

URL = "https://github.com/reglint/reglint/blob/main/rules/{code}-{name}/README.md"
_CODE = re.compile(r"RGL[1-9]\d\d")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Reads = Literal["step", "trace", "both"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What the user sees of a rule, and the function that implements it.

    `summary` is one sentence without a final period. `level` is the usual one; a finding may carry another.
    `default` False keeps the rule out of the default selection (preview).
    """

    code: str
    name: str
    level: Level
    summary: str
    since: str
    reads: Reads
    check: Callable[[Any], Iterable[Finding]]
    fix: Safety | None = None
    default: bool = True

    @property
    def url(self) -> str:
        """Where the rule's page is on the web."""
        return URL.format(code=self.code, name=self.name)

    def finding(
        self,
        span: Span,
        message: str,
        *,
        level: Level | None = None,
        related: Iterable[Related] = (),
        formula: FormulaPair | None = None,
        help: str | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule at `span`."""
        return Finding(self.code, self.name, level or self.level, message, span, tuple(related), formula, help, fix)


def rule(
    code: str, name: str, level: Level, summary: str, *, since: str, reads: Reads, fix: Safety | None = None, default: bool = True
) -> Callable[[Callable[[Rule, Any], Iterable[Finding]]], Rule]:
    """Make a Rule of a check `(rule, step or trace) -> findings`. Raises ValueError for a malformed code or name."""
    if not _CODE.fullmatch(code) or not _NAME.fullmatch(name):
        raise ValueError(f"malformed rule {code} {name}")

    def decorate(check: Callable[[Rule, Any], Iterable[Finding]]) -> Rule:
        made: Rule = Rule(code, name, level, summary, since, reads, lambda model: check(made, model), fix, default)
        return made

    return decorate


# Rules about reglint's own run: the engine reports them, no check function does.
ENGINE_RULES: tuple[tuple[str, str, Level, str], ...] = (
    ("RGL900", "unparsable-file", Level.NOTE, "a file cannot be read or parsed"),
    ("RGL901", "unused-suppression", Level.WARNING, "a suppression comment suppresses nothing"),
    ("RGL902", "check-crashed", Level.ERROR, "a check failed: a bug in reglint"),
    ("RGL903", "invalid-suppression", Level.WARNING, "a suppression comment names no rule or cannot be understood"),
)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code. Raises ValueError where two share a code or name, or a file is not called after its rule."""
    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("rgl"):
            continue  # not a rule: shared evidence for several rules
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        rules = [value for value in vars(loaded).values() if isinstance(value, Rule)]
        if len(rules) != 1 or module.name != f"{rules[0].code.lower()}_{rules[0].name.replace('-', '_')}":
            raise ValueError(f"{module.name}: one rule per module, named after it")
        if rules[0].code in found or any(rules[0].name == other.name for other in found.values()):
            raise ValueError(f"{module.name}: code or name is taken")
        found[rules[0].code] = rules[0]
    for code, name, level, summary in ENGINE_RULES:
        found[code] = Rule(code, name, level, summary, "0.1.0", "trace", lambda _: ())
    return tuple(found[code] for code in sorted(found))
