"""Which rules speak: selectors (code, prefix, name, level, ALL), the most specific one wins, `ignore` wins a tie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from reglint.checks import Rule
from reglint.config import Config, Resolver, did_you_mean
from reglint.errors import ConfigError, UsageError
from reglint.findings import Finding, Level
from reglint.patterns import Patterns

_PREFIX = re.compile(r"RGL\d{0,3}")


def specificity(selector: str, rule: Rule, level: Level) -> int:
    """How closely a selector names a rule at a level; 0 where it does not."""
    if selector in (rule.code, rule.name):
        return 10
    if _PREFIX.fullmatch(selector) and rule.code.startswith(selector):
        return len(selector)  # RGL: 3, RGL1: 4, RGL10: 5
    if selector == level:
        return 2
    return 1 if selector == "ALL" else 0


def unknown_selectors(selectors: Iterable[str], rules: Sequence[Rule]) -> list[str]:
    """A message for every selector that no rule answers to."""
    known = {word for rule in rules for word in (rule.code, rule.name)} | set(Level) | {"ALL"}
    messages = []
    for selector in selectors:
        if selector in known or (_PREFIX.fullmatch(selector) and any(rule.code.startswith(selector) for rule in rules)):
            continue
        hint = did_you_mean(selector, known) or did_you_mean(selector.lower(), known) or did_you_mean(selector.upper(), known)
        messages.append(f"unknown rule `{selector}`{hint}")
    return messages


@dataclass(frozen=True)
class Selection:
    """The rules in force for the files under one configuration."""

    config: Config
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, config: Config, rules: tuple[Rule, ...]) -> Selection:
        """Raises ConfigError (UsageError where no file is to blame) for a selector that names no rule."""
        per_file = [code for codes in config.per_file_ignores.values() for code in codes]
        wrong = unknown_selectors((*config.select, *config.extend_select, *config.ignore, *per_file), rules)
        if wrong and config.files:
            raise ConfigError(f"{wrong[0]} (in {config.files[0]} or on the command line); `reglint rules` lists them")
        if wrong:
            raise UsageError(f"{wrong[0]}; `reglint rules` lists them")
        return cls(config, rules)

    def wants(self, code: str, level: Level) -> bool:
        """Is a finding of this rule at this level to be shown?"""
        rule = self._by_code[code]
        chosen = max((specificity(s, rule, level) for s in self.config.select), default=1 if rule.default else 0)
        chosen = max(chosen, *(specificity(s, rule, level) for s in self.config.extend_select), 0)
        dropped = max((specificity(s, rule, level) for s in self.config.ignore), default=0)
        return chosen > dropped

    def may_want(self, code: str) -> bool:
        """Could a finding of this rule be shown at any level?"""
        return any(self.wants(code, level) for level in Level)

    def keeps(self, finding: Finding, absolute: str) -> bool:
        """Is a finding in this file wanted, per-file ignores considered?"""
        return self.wants(finding.code, finding.level) and not self.ignored_here(finding.code, finding.level, absolute)

    def ignored_here(self, code: str, level: Level, absolute: str) -> bool:
        """Does a per-file ignore cover this rule in this file?"""
        rule = self._by_code[code]
        return any(
            any(specificity(s, rule, level) for s in selectors) and spec.matches(self.config.root, absolute)
            for spec, selectors in self._per_file
        )

    @cached_property
    def _by_code(self) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.rules}

    @cached_property
    def _per_file(self) -> list[tuple[Patterns, tuple[str, ...]]]:
        return [(Patterns((pattern,)), selectors) for pattern, selectors in self.config.per_file_ignores.items()]


class Selections:
    """The rule selection of every directory, one per configuration."""

    def __init__(self, resolver: Resolver, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._resolver = resolver
        self._known: dict[int, Selection] = {}

    def of(self, directory: str) -> Selection:
        """The selection for files in an absolute directory."""
        config = self._resolver.at(directory)
        if id(config) not in self._known:  # the resolver keeps its answers, so an identity stays valid
            self._known[id(config)] = Selection.of(config, self.rules)
        return self._known[id(config)]

    def running(self, directories: Iterable[str]) -> tuple[Rule, ...]:
        """The rules that at least one file wants."""
        for directory in directories:
            self.of(directory)
        return tuple(rule for rule in self.rules if any(s.may_want(rule.code) for s in self._known.values()))
