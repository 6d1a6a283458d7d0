"""The state of one abstract evaluation: scopes, guards, loops, frames, events and the budget.

Evaluation itself is in expressions.py, statements.py and calls.py; what library names mean is in library/.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reglint.reader.domain import ClassValue, Collection, Env, External, Function, ModuleRef, Obj, Scope, Tuple
from reglint.reader.journal import Journal, Left, Writes, join_values
from reglint.reader.patience import Patience
from reglint.source import HasPosition, Place
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
        for guard in reversed(self.guards):
            if guard.key == key:
                return guard.outcome
        return None

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
        return self.known(self.interner.key(value))

    def condition(self, value: Value, place: Place | None = None) -> tuple[Condition, bool]:
        """The open condition that decides the value's truth, and whether it must hold (False: it must fail)."""
        if isinstance(value, Expr) and value.op == "not":
            condition, outcome = self.condition(value.args[0], place)
            return condition, not outcome
        if isinstance(value, Phi) and self.truth(value.then) is True and self.truth(value.other) is False:
            return value.condition, True
        if isinstance(value, Phi) and self.truth(value.then) is False and self.truth(value.other) is True:
            return value.condition, False
        return Condition(self.interner.key(value), "", value, default_truth(value), place), True

    def guards_for(self, value: Value, outcome: bool) -> tuple[Guard, ...]:
        """All that is known when the value is true (or false): `a and b` gives both."""
        condition, positive = self.condition(value)
        found = [Guard(condition.key, outcome == positive, condition.text, condition.default, condition.test)]
        while isinstance(value, Expr) and value.op == "not":
            value, outcome = value.args[0], not outcome
        if isinstance(value, Expr) and value.op == ("and" if outcome else "or"):
            for part in value.args:
                if self.truth(part) is None:
                    found.extend(self.guards_for(part, outcome))
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
        guard = (Guard(condition.key, True, condition.text, condition.default, condition.test),)
        guard_not = (Guard(condition.key, False, condition.text, condition.default, condition.test),)
        then, other = value.then, value.other
        yes, wrote = self.under(guard, lambda: self.each_alternative(then, run))
        no, wrote_not = self.under(guard_not, lambda: self.each_alternative(other, run))
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
