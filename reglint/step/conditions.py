"""The keys of conditions: equal for tests that always agree, and made so that it shows which tests exclude each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

MANY = 50  # of a longer list of constants it is not worked out which of them comparisons leave
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
    subject = key.subject if isinstance(key, Compared) else key
    about: list[tuple[Compared, bool]] = []
    for known, outcome in reversed(facts):
        if known == key:
            return outcome
        if isinstance(known, Compared):
            if known.subject == subject:
                about.append((known, outcome))
        elif outcome and isinstance(known, All):
            _about(subject, known.parts, about)
    if isinstance(key, All):
        outcomes = [None if (found := decided(part, facts)) is None else found == outcome for part, outcome in key.parts]
        return False if False in outcomes else (None if None in outcomes else True)
    if not about:
        return None  # nearly always
    values = _possible(about)
    seen = {key.of(value) for value in values} if isinstance(key, Compared) else {bool(value) for value in values}
    return seen.pop() if len(seen) == 1 else None


def _about(subject: Hashable, facts: Iterable[Fact], found: list[tuple[Compared, bool]]) -> list[tuple[Compared, bool]]:
    """The comparisons of a subject among facts and their parts."""
    for key, outcome in facts:
        if isinstance(key, Compared):
            if key.subject == subject:
                found.append((key, outcome))
        elif outcome and isinstance(key, All):
            _about(subject, key.parts, found)
    return found


def _possible(about: list[tuple[Compared, bool]]) -> list[Any]:
    """The values that something may have where it is said to equal one or to be one of several, else none."""
    for key, outcome in about:
        if outcome and key.operator == "==":
            return [key.constant]
        if outcome and key.operator == "in" and isinstance(key.constant, tuple) and len(key.constant) <= MANY:
            return [value for value in key.constant if all(other.of(value) in (holds, None) for other, holds in about)]
    return []


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
