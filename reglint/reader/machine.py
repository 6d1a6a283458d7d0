"""The state of one abstract evaluation: scopes, guards, loops, frames, events and the budget.

Evaluation itself is in expressions.py, statements.py and calls.py; what library names mean is in library/.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeGuard

from reglint.reader.domain import ClassValue, Collection, Env, External, Function, ModuleRef, Obj, Scope, Tuple
from reglint.reader.journal import Journal, Left, Writes, join_values
from reglint.reader.patience import Patience
from reglint.source import HasPosition, Place
from reglint.step.conditions import MIRRORED, NEGATED, Compared, Fact, compare, decided
from reglint.step.trace import Context, Event, Frame, Guard, LibraryCall, Loop, Mentioned
from reglint.step.values import Condition, Const, Expr, Interner, Phi, Unknown, Value

if TYPE_CHECKING:
    from reglint.reader.project import Project

ROOT_BUDGET = 300_000  # evaluated nodes per root
MAX_DEPTH = 30  # inlined calls on the stack
FOLLOWED_ALTERNATIVES = 3  # of longer chains of alternatives only the default is followed into calls
MAX_LOOP_NESTING = 3  # deeper loops are evaluated once


Flow = str | None  # how control leaves a block


class OutOfBudget(Exception):
    """The root's budget is spent: the trace ends here and is marked incomplete."""


@dataclass(slots=True)
class Activation:
    """A function in evaluation: what it returned so far, under which guards, and the writes of paths that left early."""

    function: Function | None
    guards: tuple[Guard, ...]
    returns: list[tuple[tuple[Guard, ...], Value]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    self_value: Value | None = None
    owner: ClassValue | None = None


class Machine:
    """Evaluates one root. Not reusable: the project's modules are, everything else belongs to the root."""

    def __init__(self, project: Project, budget: int = ROOT_BUDGET) -> None:
        self.project = project
        self.journal = Journal()
        self.interner = Interner(project.interner)
        self.events: list[Event] = []
        self.muted = 0
        self.idle = False
        self.slots: dict[tuple[Value, int], Value | None] = {}
        self.covered: set[tuple[str, str]] = set()
        self.files: set[str] = set()
        self.budget = budget
        self.complete = True
        self.guards: tuple[Guard, ...] = ()
        self._facts: tuple[tuple[Guard, ...], list[Fact]] = ((), [])  # what the guards say, for those of the last question
        self.loops: tuple[Loop, ...] = ()
        self.frames: tuple[Frame, ...] = ()
        self._gradient: dict[str, bool | None] = {"recording": True}
        self.scope: Scope = None  # type: ignore[assignment]  # set by the first run_module or call
        self.activation = Activation(None, ())
        self.loop_exits: list[list[tuple[str, Left]]] = []
        self.active: list[ast.AST] = []
        self.forwarding = 0  # calls of modules on the stack
        self.forwards: dict[tuple[int, int, bool | None], Value] = {}
        self.quiet = Patience(budget, budget >= ROOT_BUDGET)
        self.home: Env | None = None  # the module whose functions alone are worth the whole budget; None for all
        self.changes = 0  # functions called so far that write to what outlives them
        self.modules: list[Obj] = []
        self.optimizers: list[Obj] = []
        self.name_words: set[str] = set()  # what filters look for in the names of parameters
        self.settings: dict[
            int, tuple[Obj | ClassValue, set[str]]
        ] = {}  # options and configuration classes, with the attributes that were read
        self._serial = 0

    # -- bookkeeping ---------------------------------------------------------------------------------------------

    def serial(self) -> int:
        """A number that no other object of this root has."""
        self._serial += 1
        return self._serial

    def spend(self) -> None:
        """Count one evaluated node. Raises OutOfBudget."""
        self.budget -= 1
        if self.budget < 0:
            self.complete = False
            raise OutOfBudget

    @property
    def grad(self) -> bool | None:
        """Is autograd recording? None where not known."""
        return self._gradient["recording"]

    @grad.setter
    def grad(self, recording: bool | None) -> None:
        if self._gradient["recording"] is not recording:
            self.write(self._gradient, "recording", recording)

    @property
    def env(self) -> Env:
        return self.scope.env

    def place(self, node: HasPosition | ast.AST) -> Place:
        """Where a syntax node of the module in evaluation stands."""
        return Place(self.scope.env.source, node)  # type: ignore[arg-type]

    def context(self) -> Context:
        """The circumstances of an event that happens now."""
        return Context(len(self.events), self.guards, self.loops, self.frames, self.grad)

    def emit(self, event: Callable[..., Event], place: Place, **fields: Any) -> None:
        """Record an event, unless a module is merely being imported; of a branch never taken, only the calls it holds."""
        if self.idle and event is LibraryCall:
            mentioned = {"name": fields["name"], "keywords": fields["keywords"], "extra": fields.get("extra", False)}
            self.events.append(Mentioned(self.context(), place, **mentioned))
        elif not self.muted and not self.idle:
            self.events.append(event(self.context(), place, **fields))

    def write(self, store: dict[Any, Any], name: Any, value: Any) -> None:
        """Write to a scope, an object or a collection so that it can be undone."""
        self.journal.write(store, name, value)

    # -- conditions ----------------------------------------------------------------------------------------------

    def known(self, key: object) -> bool | None:
        """What the guards in force say about a condition."""
        if not self.guards:
            return None
        if self._facts[0] is not self.guards:
            self._facts = (self.guards, [(g.key, g.outcome) for g in self.guards])
        return decided(key, self._facts[1])

    def truth(self, value: Value) -> bool | None:
        """Is the value true? None where both are possible."""
        value = self.resolve(value)
        if isinstance(value, Const) and not value.adjustable:
            return bool(value.value)
        if isinstance(value, Expr):
            if value.op == "not":
                inner = self.truth(value.args[0])
                return None if inner is None else not inner
            if value.op in ("and", "or"):
                stop = value.op == "or"
                outcomes = [self.truth(a) for a in value.args]
                if stop in outcomes:
                    return stop
                if None not in outcomes:
                    return not stop
        if isinstance(value, (Tuple, Collection)):
            if value.items:
                return True
            return False if isinstance(value, Tuple) or not value.open else None
        if isinstance(value, (Function, ClassValue, Obj, ModuleRef)):
            return True
        if isinstance(value, External) and value.name == "typing.TYPE_CHECKING":
            return False
        if isinstance(value, Phi):
            yes, no = self.truth(value.then), self.truth(value.other)
            if yes is not None and yes == no:
                return yes
        test, positive = affirmed(value)
        outcome = self.known(self.key(test))
        return None if outcome is None else outcome == positive

    def condition(self, value: Value) -> tuple[Condition, bool]:
        """The open condition that decides the value's truth, and whether it must hold (False: it must fail)."""
        value, positive = affirmed(value)
        if isinstance(value, Phi) and self.truth(value.then) is True and self.truth(value.other) is False:
            return value.condition, positive
        if isinstance(value, Phi) and self.truth(value.then) is False and self.truth(value.other) is True:
            return value.condition, not positive
        return Condition(self.key(value), "", value, default_truth(value)), positive

    def key(self, test: Value) -> Hashable:
        """What is equal for tests that always agree; for comparisons with constants it also shows which exclude each other."""
        if isinstance(test, Expr) and test.op == "compare" and test.name in MIRRORED and len(test.args) == 2:
            left, right = test.args  # an element of a loop over a comparison has a third, which tells the passes apart
            if _is_fixed(right):
                same = "==" if test.name == "is" and right.value is None else test.name
                return Compared(self.interner.key(left), same, right.value)
            if _is_fixed(left):
                return Compared(self.interner.key(right), MIRRORED[test.name], left.value)
        return self.interner.key(test)

    def guards_for(self, value: Value, outcome: bool) -> tuple[Guard, ...]:
        """All that is known when the value is true (or false): `a and b` gives both, and one of two what chooses it."""
        condition, positive = self.condition(value)
        found = [guard(condition, outcome == positive)]
        while isinstance(value, Expr) and value.op == "not":
            value, outcome = value.args[0], not outcome
        if isinstance(value, Expr) and value.op == ("and" if outcome else "or"):
            for part in value.args:
                if self.truth(part) is None:
                    found.extend(self.guards_for(part, outcome))
        if isinstance(value, Phi) and value.condition.key != condition.key:
            for chosen, other, holds in ((value.then, value.other, True), (value.other, value.then, False)):
                if self.truth(other) is (not outcome):
                    found += [guard(value.condition, holds), *(self.guards_for(chosen, outcome) if self.truth(chosen) is None else ())]
        return tuple(found)

    def resolve(self, value: Value) -> Value:
        """Choose the side of a Phi that the guards in force imply."""
        while isinstance(value, Phi):
            outcome = self.known(value.condition.key)
            if outcome is None:
                return value
            value = value.then if outcome else value.other
        return value

    def either(self, test: Value, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """Evaluate both sides of an open condition from the same state and join state and result."""
        truth = self.truth(test)
        if truth is not None:
            return then() if truth else other()
        condition, positive = self.condition(test)
        yes, wrote = self.under(self.guards_for(test, True), then)
        no, wrote_not = self.under(self.guards_for(test, False), other)
        if not positive:
            yes, no, wrote, wrote_not = no, yes, wrote_not, wrote
        self.journal.merge(condition, wrote, wrote_not)
        return join_values(condition, yes, no)

    def under(self, guards: tuple[Guard, ...], run: Callable[[], Any]) -> tuple[Any, Writes]:
        """Run under guards; undo and return the writes beside the result."""
        before = self.guards
        mark = self.journal.mark()
        self.guards = before + guards
        try:
            result = run()
        except BaseException:
            self.journal.take(mark)
            raise
        finally:
            self.guards = before
        return result, self.journal.take(mark)

    def each_alternative(self, value: Value, run: Callable[[Value], Value]) -> Value:
        """Run for every alternative of a Phi under its condition; the results are joined the same way."""
        value = self.resolve(value)
        if not isinstance(value, Phi):
            return run(value)
        condition = value.condition
        if value.size > FOLLOWED_ALTERNATIVES and condition.default is not None:
            # A long chain of options, such as a table of models: the one that runs by default stands for all.
            return self.each_alternative(value.then if condition.default else value.other, run)
        then, other = value.then, value.other
        yes, wrote = self.under((guard(condition, True),), lambda: self.each_alternative(then, run))
        no, wrote_not = self.under((guard(condition, False),), lambda: self.each_alternative(other, run))
        self.journal.merge(condition, wrote, wrote_not)
        return join_values(condition, yes, no)

    # -- scopes --------------------------------------------------------------------------------------------------

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        """Evaluate in another scope for a while."""
        before = self.scope
        self.scope = scope
        self.files.add(scope.env.source.path)
        try:
            yield
        finally:
            self.scope = before

    @contextmanager
    def gradient(self, recording: bool | None) -> Iterator[None]:
        """Evaluate with autograd on, off or unknown."""
        before = self.grad
        self.grad = recording
        try:
            yield
        finally:
            self.grad = before

    def fresh(self, reason: str, name: str = "") -> Unknown:
        """A new unknown value, different from all others."""
        return Unknown(reason, name)


def guard(condition: Condition, outcome: bool) -> Guard:
    """The condition with the outcome that it has."""
    return Guard(condition.key, outcome, condition.text, condition.default, condition.test)


def affirmed(test: Value) -> tuple[Value, bool]:
    """The test without negations, and the outcome it must have."""
    if isinstance(test, Expr) and test.op == "not":
        inner, outcome = affirmed(test.args[0])
        return inner, not outcome
    if isinstance(test, Expr) and test.op == "compare" and test.name in NEGATED:
        return replace(test, name=NEGATED[test.name]), False
    return test, True


def _is_fixed(value: Value) -> TypeGuard[Const]:
    """Is it a constant that nobody can set, and that may be compared with others?"""
    return isinstance(value, Const) and not value.adjustable and isinstance(value.value, (str, int, float, tuple, NoneType))


def default_truth(value: Value) -> bool | None:
    """The truth of a test when every option has its default; None where options do not decide it."""
    found = default_of(value)
    return bool(found.value) if isinstance(found, Const) else None


def default_of(value: Value) -> Value:
    """The value with default options: comparisons of defaults are carried out, Phis resolved where options decide."""
    if isinstance(value, Phi):
        outcome = value.condition.default
        if outcome is None:
            return value
        return default_of(value.then if outcome else value.other)
    if not isinstance(value, Expr) or value.op not in ("not", "and", "or", "compare"):
        return value
    parts = [default_of(a) for a in value.args]
    if value.op in ("and", "or"):
        stop = value.op == "or"
        truths = [bool(p.value) if isinstance(p, Const) else None for p in parts]
        if stop in truths:
            return Const(stop)
        return value if None in truths else Const(not stop)
    if not all(isinstance(p, Const) for p in parts):
        return value
    constants = [p.value for p in parts if isinstance(p, Const)]
    if value.op == "not":
        return Const(not constants[0])
    outcome = compare(value.name, constants[0], constants[1])
    return value if outcome is None else Const(outcome)
