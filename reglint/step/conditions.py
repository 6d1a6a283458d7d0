"""The keys of conditions: equal for tests that always agree, and made so that it shows which tests exclude each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

NEGATED = {"!=": "==", "not in": "in", "is not": "is"}
MIRRORED = {"==": "==", "is": "is", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "in": "contains"}


class Compared(NamedTuple):
    """The key of `subject operator constant`; `subject` is what it is a key of, `contains` an `in` with the constant on the left."""

    subject: Hashable
    operator: str
    constant: Hashable

    def of(self, value: Any) -> bool | None:
        """The outcome where the subject is `value`; None where Python would raise."""
        return compare("in", self.constant, value) if self.operator == "contains" else compare(self.operator, value, self.constant)


class All(NamedTuple):
    """The key of several conditions, each of which must have an outcome."""

    parts: tuple[tuple[Hashable, bool], ...]


Fact = tuple[Hashable, bool]  # the key of a condition, and its outcome


def decided(key: Hashable, facts: Sequence[Fact]) -> bool | None:
    """What facts say of a condition: its outcome, None where both are possible. Of contradicting facts the last counts."""
    for known, outcome in reversed(facts):
        if known == key:
            return outcome
    if isinstance(key, All):
        outcomes = [None if (found := decided(part, facts)) is None else found == outcome for part, outcome in key.parts]
        return False if False in outcomes else (None if None in outcomes else True)
    if isinstance(key, Compared):
        seen = {key.of(value) for value in _possible(key.subject, facts)}
    else:
        seen = {bool(value) for value in _possible(key, facts)}
    return seen.pop() if len(seen) == 1 else None


def _possible(subject: Hashable, facts: Iterable[Fact]) -> list[Any]:
    """The values that something may have where it is said to equal one or to be one of several, else none."""
    about = [(key, outcome) for fact in facts for key, outcome in _parts(*fact) if isinstance(key, Compared) and key.subject == subject]
    for key, outcome in about:
        if outcome and key.operator == "==":
            return [key.constant]
        if outcome and key.operator == "in" and isinstance(key.constant, tuple):
            return [value for value in key.constant if all(other.of(value) in (holds, None) for other, holds in about)]
    return []


def _parts(key: Hashable, outcome: bool) -> Iterator[Fact]:
    yield key, outcome
    if isinstance(key, All) and outcome:
        for part in key.parts:
            yield from _parts(*part)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Carry out a comparison of constants; None where Python would raise."""
    try:
        match operator:
            case "==":
                return bool(left == right)
            case "!=":
                return bool(left != right)
            case "<":
                return bool(left < right)
            case "<=":
                return bool(left <= right)
            case ">":
                return bool(left > right)
            case ">=":
                return bool(left >= right)
            case "in":
                return left in right
            case "not in":
                return left not in right
            case "is":
                return left is right or (left == right and type(left) is type(right))
            case _:
                return not (left is right or (left == right and type(left) is type(right)))
    except TypeError:
        return None
