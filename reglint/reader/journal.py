"""Undoing and joining of writes, so that both branches of an open condition start from the same state.

Everything mutable lives in dicts. Between `mark` and `take` each write remembers the old content; `take` undoes the
writes and returns what they were, `put` carries them out again, `merge` writes the join of two branches.
"""

from __future__ import annotations

from typing import Any

from reglint.step.values import Condition, Const, Phi, Unknown, Value

MISSING: Any = object()
MAX_ALTERNATIVES = 16

Writes = dict[tuple[int, Any], tuple[dict[Any, Any], Any, Any]]


class Journal:
    """The log of writes since the oldest open mark."""

    def __init__(self) -> None:
        self._log: list[tuple[dict[Any, Any], Any, Any]] = []
        self._marks = 0

    def write(self, store: dict[Any, Any], name: Any, value: Any) -> None:
        """Write one entry of a dict; MISSING deletes it."""
        if self._marks:
            self._log.append((store, name, store.get(name, MISSING)))
        if value is MISSING:
            store.pop(name, None)
        else:
            store[name] = value

    def mark(self) -> int:
        """Start remembering; pass the result to `take` or `keep`."""
        self._marks += 1
        return len(self._log)

    def keep(self, mark: int) -> None:
        """Close a mark and let its writes stand."""
        self._marks -= 1
        if not self._marks:
            self._log.clear()

    def take(self, mark: int) -> Writes:
        """Undo all writes since the mark; returns store, name and last value of each."""
        writes: Writes = {}
        log = self._log
        for store, name, _ in log[mark:]:
            at = (id(store), name)
            if at not in writes:
                writes[at] = (store, name, store.get(name, MISSING))
        for store, name, old in reversed(log[mark:]):
            if old is MISSING:
                store.pop(name, None)
            else:
                store[name] = old
        del log[mark:]
        self._marks -= 1
        return writes

    def put(self, writes: Writes) -> None:
        """Carry the writes out again."""
        for store, name, value in writes.values():
            self.write(store, name, value)

    def merge(self, condition: Condition, then: Writes, other: Writes) -> None:
        """Write the join of two branches that both started from the present state."""
        for at in (*then, *(a for a in other if a not in then)):
            store, name, _ = then.get(at) or other[at]
            before = store.get(name, MISSING)
            yes = then[at][2] if at in then else before
            no = other[at][2] if at in other else before
            self.write(store, name, join(condition, yes, no))


def join(condition: Condition, then: Any, other: Any) -> Any:
    """One content of a dict entry that is `then` under the condition and `other` otherwise."""
    if then is other:
        return then
    if then is MISSING or other is MISSING:
        # A name bound on one side only: reading it on the other side would raise, so the bound one is what matters.
        return other if then is MISSING else then
    if isinstance(then, Value) and isinstance(other, Value):
        return join_values(condition, then, other)
    if isinstance(then, tuple) and isinstance(other, tuple):
        return _join_items(condition, then, other)
    if isinstance(then, dict) and isinstance(other, dict):
        return {k: join(condition, then.get(k, MISSING), other.get(k, MISSING)) for k in (*then, *(k for k in other if k not in then))}
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
    """Join the contents of a list: the common prefix, then what either side appended."""
    common = 0
    for a, b in zip(then, other, strict=False):
        if a is not b:
            break
        common += 1
    if common == len(then) or common == len(other):
        return then if len(then) >= len(other) else other
    if len(then) == len(other):
        return tuple(join(condition, a, b) for a, b in zip(then, other, strict=True))
    return then + other[common:]
