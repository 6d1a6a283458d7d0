"""Undoing and joining of writes, so that both branches of an open condition start from the same state.

Everything mutable lives in dicts. Between `mark` and `take` each write remembers the old content; `take` undoes the
writes and returns what they were, `put` carries them out again, `merge` writes the join of two branches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from reglint.records import record
from reglint.step.values import ABSENT, Condition, Const, Phi, Unknown, Value

MISSING: Any = object()
MAX_ALTERNATIVES = 16


_clock = count(1)
_late: list[Store] | None = None  # what a constructor makes that runs later than it should


class Store(dict[Any, Any]):
    """What can change of an object, and when the object was made: one that a branch made is nothing to the other branch."""

    __slots__ = ("born",)

    def __init__(self, content: Mapping[Any, Any] | None = None) -> None:
        super().__init__(content or {})
        self.born = next(_clock)
        if _late is not None:
            _late.append(self)


@contextmanager
def made_at(moment: int) -> Iterator[None]:
    """Whatever is made inside counts as made at an earlier moment."""
    global _late
    outer, _late = _late, []
    try:
        yield
    finally:
        for store in _late:
            store.born = moment
        if outer is not None:
            outer += _late
        _late = outer


class Attributes(Store):
    """The attributes of an object: one that is set on one side of a branch only stays known to be so."""

    __slots__ = ()


class Writes(dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]]):
    """Store, name and value of what a branch wrote; `start` is when it began."""

    __slots__ = ("start",)

    def __init__(self, start: int = 0) -> None:
        super().__init__()
        self.start = start


def born(store: dict[Any, Any]) -> int:
    """When what the store belongs to was made; 0 for what every root finds there."""
    return store.born if isinstance(store, Store) else 0


@record()
class Left:
    """A path that left a block early under a condition: what it wrote, and when the condition was tested."""

    condition: Condition
    outcome: bool
    writes: Writes
    at: tuple[int, int]


class Journal:
    """The log of writes since the oldest open mark."""

    def __init__(self) -> None:
        self._log: list[tuple[dict[Any, Any], Any, Any]] = []
        self._starts: list[int] = []

    def write(self, store: dict[Any, Any], name: Any, value: Any) -> None:
        """Write one entry of a dict; MISSING deletes it."""
        if self._starts:
            self._log.append((store, name, store.get(name, MISSING)))
        if value is MISSING:
            store.pop(name, None)
        else:
            store[name] = value

    def position(self) -> tuple[int, int]:
        """A moment to come back to with `since`, while no mark older than it is closed."""
        return len(self._log), len(self._starts)

    def since(self, position: tuple[int, int]) -> Writes:
        """What was written since a moment, with the content it had then; nothing where that moment is gone."""
        start, marks = position
        found = Writes()
        if marks == len(self._starts):
            for store, name, old in self._log[start:]:
                found.setdefault((id(store), name), (store, name, old))
        return found

    def rejoin(self, left: Left) -> None:
        """Join the state of a path that left early with the present one. Plain values and modes count as they were when it left."""
        then = Writes(left.writes.start)
        then.update({at: entry for at, entry in self.since(left.at).items() if isinstance(entry[2], (Const, bool))})
        then.update(left.writes)
        if left.outcome:
            self.merge(left.condition, then, Writes())
        else:
            self.merge(left.condition, Writes(), then)

    def mark(self) -> int:
        """Start remembering; pass the result to `take` or `keep`."""
        self._starts.append(next(_clock))
        return len(self._log)

    def keep(self, mark: int) -> None:
        """Close a mark and let its writes stand."""
        self._starts.pop()
        if not self._starts:
            self._log.clear()

    def take(self, mark: int) -> Writes:
        """Undo all writes since the mark; returns store, name and last value of each. What was made since then is left alone."""
        writes = Writes(self._starts.pop())
        log = self._log
        outside = [entry for entry in log[mark:] if born(entry[0]) < writes.start]
        for store, name, _ in outside:
            at = (id(store), name)
            if at not in writes:
                writes[at] = (store, name, store.get(name, MISSING))
        for store, name, old in reversed(outside):
            if old is MISSING:
                store.pop(name, None)
            else:
                store[name] = old
        del log[mark:]
        return writes

    def put(self, writes: Writes) -> None:
        """Carry the writes out again."""
        for store, name, value in writes.values():
            self.write(store, name, value)

    def merge(self, condition: Condition, then: Writes, other: Writes) -> None:
        """Write the join of two branches that both started from the present state."""
        start = min(w.start for w in (then, other) if w.start) if then.start or other.start else 0
        for at in (*then, *(a for a in other if a not in then)):
            store, name, _ = then.get(at) or other[at]
            before = store.get(name, MISSING)
            yes = then[at][2] if at in then else before
            no = other[at][2] if at in other else before
            if isinstance(store, Attributes) and store.born < start:
                yes, no = (ABSENT if side is MISSING else side for side in (yes, no))
            self.write(store, name, join(condition, yes, no))


def join(condition: Condition, then: Any, other: Any) -> Any:
    """One content of a dict entry that is `then` under the condition and `other` otherwise."""
    if then is other:
        return then
    if then is MISSING or other is MISSING:
        # A name bound on one side only: reading it on the other side would raise, so the bound one is what matters.
        return other if then is MISSING else then
    if ABSENT in (then, other) and not (isinstance(then, Value) and isinstance(other, Value)):
        return other if then is ABSENT else then
    if isinstance(then, Value) and isinstance(other, Value):
        return join_values(condition, then, other)
    if isinstance(then, tuple) and isinstance(other, tuple):
        return _join_items(condition, then, other)
    if isinstance(then, dict) and isinstance(other, dict):
        keys = (*then, *(k for k in other if k not in then))
        return {k: join(condition, then.get(k, ABSENT), other.get(k, ABSENT)) for k in keys}
    return then if then == other else None


def join_values(condition: Condition, then: Value, other: Value) -> Value:
    """`then` under the condition, `other` otherwise; collapses where they are the same or too many."""
    if then is other:
        return then
    if isinstance(then, Const) and isinstance(other, Const) and type(then.value) is type(other.value) and then.value == other.value:
        return then
    size = (then.size if isinstance(then, Phi) else 1) + (other.size if isinstance(other, Phi) else 1)
    if size > MAX_ALTERNATIVES:
        return Unknown("one of more alternatives than are followed")
    return Phi(condition, then, other, size)


def _join_items(condition: Condition, then: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """Join the contents of a list position by position; what only one side has may be absent."""
    size = max(len(then), len(other))
    padded = [(*side, *(ABSENT,) * (size - len(side))) for side in (then, other)]
    return tuple(join(condition, a, b) for a, b in zip(*padded, strict=True))


def maybe_absent(value: Value) -> bool:
    """Was it set on one side of a branch only?"""
    return value is ABSENT or (isinstance(value, Phi) and (maybe_absent(value.then) or maybe_absent(value.other)))


def present(value: Value, otherwise: Value | None = None) -> Value | None:
    """The value where it is there at all; `otherwise` stands in where it is not."""
    if value is ABSENT:
        return otherwise
    if not isinstance(value, Phi) or not maybe_absent(value):
        return value
    then, other = present(value.then, otherwise), present(value.other, otherwise)
    if then is None or other is None:
        return other if then is None else then
    return join_values(value.condition, then, other)


def likely(value: Value) -> Iterator[Value]:
    """The alternatives that are there, with the program's default options where these decide."""
    if isinstance(value, Phi):
        if value.condition.default is not False:
            yield from likely(value.then)
        if value.condition.default is not True:
            yield from likely(value.other)
    elif value is not ABSENT:
        yield value
