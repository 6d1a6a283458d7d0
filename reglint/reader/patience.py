"""How long an evaluation bears with functions that say nothing of training: a part of its budget, and no call twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from reglint.step.trace import Backward, Event, Forward, ModeSet, OptimizerBuilt

OF_ONE = 25  # all calls of one such function may take this part of the budget: one in OF_ONE,
MOST_OF_ONE = 1_000  # and no more evaluated nodes than this where none is handed a module
OF_PROGRAM = 60_000  # evaluated nodes for all calls of all of them in a program that is run
OF_ALL = 3_000  # the same where no program is run that shows what they are for
WITHOUT_STEP = 500  # the same where nothing that a root reaches in its file builds an optimizer or calls backward()


class Evaluation(Protocol):
    """What counts down evaluated nodes and says what happens."""

    budget: int
    events: list[Event]


class Patience:
    """`known`: calls not worth repeating, by what they have in common, and whether they give anything. `of_all`: see OF_ALL."""

    def __init__(self, budget: int, program: bool) -> None:
        self.known: dict[tuple[object, ...], bool] = {}
        self._spent: Counter[int] = Counter()
        self._spent_on_all = 0
        self._of_one = budget // OF_ONE
        self._program = program
        self.of_all = OF_PROGRAM if program else OF_ALL
        self._inside = False
        self._building = 0
        self._spent_on_building = 0

    def is_lost(self, function: int, with_module: bool) -> bool:
        """Has a function, by the identity of its node, been evaluated often enough, or have all of them?

        `with_module`: it is handed a module. A program must not lose sight of that, nor of what modules are built with.
        """
        spent = self._spent[function]
        if self._program and (with_module or self._building):
            return spent > self._of_one
        return spent > min(self._of_one, MOST_OF_ONE) or self._spent_on_all > self.of_all

    @contextmanager
    def spending(self, machine: Evaluation, function: int) -> Iterator[None]:
        """Count what is evaluated inside on account of a function; of nested ones only the outermost counts for all.

        One that leads to training after all, such as a search for the best settings, has no account.
        """
        start = len(machine.events)
        outermost, before = not self._inside, machine.budget + self._spent_on_building
        self._inside = True
        try:
            yield
        finally:
            trains = any(isinstance(event, (OptimizerBuilt, Forward, Backward, ModeSet)) for event in machine.events[start:])
            spent = before - machine.budget - self._spent_on_building if not trains else 0
            self._spent[function] += spent
            if outermost:
                self._inside = False
                self._spent_on_all += spent

    @contextmanager
    def for_a_module(self, machine: Evaluation) -> Iterator[None]:
        """What a module is built with is no account of the functions that build it."""
        before = machine.budget
        self._building += 1
        try:
            yield
        finally:
            self._building -= 1
            if not self._building:
                self._spent_on_building += before - machine.budget
