"""How long an evaluation bears with functions that say nothing of training: a part of its budget, and no call twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

OF_ONE = 25  # all calls of one such function may take this part of the budget: one in OF_ONE
OF_ALL = 3_000  # evaluated nodes for all calls of all of them, where no program is run that shows what they are for
WITHOUT_STEP = 500  # the same where nothing that a root reaches in its file builds an optimizer or calls backward()


class Budgeted(Protocol):
    """What counts down evaluated nodes."""

    budget: int


class Patience:
    """`known`: calls not worth repeating, by what they have in common, and whether they give anything. `of_all`: see OF_ALL."""

    def __init__(self, budget: int, program: bool) -> None:
        self.known: dict[tuple[object, ...], bool] = {}
        self._spent: Counter[int] = Counter()
        self._spent_on_all = 0
        self._of_one = budget // OF_ONE
        self.of_all = budget if program else OF_ALL
        self._inside = False

    def is_lost(self, function: int) -> bool:
        """Has a function, by the identity of its node, been evaluated often enough, or have all of them?"""
        return self._spent[function] > self._of_one or self._spent_on_all > self.of_all

    @contextmanager
    def spending(self, machine: Budgeted, function: int) -> Iterator[None]:
        """Count what is evaluated inside on account of a function; of nested ones only the outermost counts for all."""
        outermost, before = not self._inside, machine.budget
        self._inside = True
        try:
            yield
        finally:
            spent = before - machine.budget
            self._spent[function] += spent
            if outermost:
                self._inside = False
                self._spent_on_all += spent
