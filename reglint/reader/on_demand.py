"""Constructors that run when somebody asks for what they make.

A model has hundreds of parts, and a root asks for a few of them: a module that is built waits with its constructor until
its attributes, parameters or submodules are wanted. It then runs as it would have run at once: under the conditions, in
the loops and with the gradient mode of then. What it makes stands for good, whatever branch asked for it.

Only constructors wait of which nothing is to be told by themselves, and that are given nothing that others hold as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reglint.reader import calls, modules
from reglint.reader.domain import Arguments, ClassValue, Collection, Function, Obj, Param, Params, Tuple
from reglint.reader.journal import Journal, born, made_at
from reglint.reader.machine import Machine
from reglint.reader.signs import Sign, suffices
from reglint.source import Place
from reglint.step.values import Phi, Value

# Where a class or what it reaches in its file shows one of these, a finding may be about what its constructor is given.
TELLING = (Sign.BACKWARD, Sign.BUILDS, Sign.SCHEDULE, Sign.RECURRENT | Sign.RATE)


def may_wait(m: Machine, obj: Obj, cls: ClassValue, args: Arguments) -> bool:
    """Can nobody tell whether the constructor has run, but by what it makes?"""
    if m.muted or m.idle or obj.library != "torch.nn.Module" or not obj.state.get("module") or obj.state.get("unknown_base"):
        return False  # what is made for good, apart from a root, is made at once; so is what is no plain module
    return not any(map(_is_shared, (*args.positional, *args.keywords.values()))) and not suffices(m.project.signs_of(cls), TELLING)


def _is_shared(given: Value) -> bool:
    """May the constructor change it, or make it a part of the object?"""
    match given:
        case Obj():
            return bool(given.state.keys() & {"module", "optimizer", "scheduler"})
        case Tuple():
            return any(map(_is_shared, given.items))
        case Phi():
            return _is_shared(given.then) or _is_shared(given.other)
        case _:
            return isinstance(given, (Collection, Param, Params))


def wait(m: Machine, obj: Obj, cls: ClassValue, init: Function, args: Arguments, place: Place) -> None:
    """Let the object run its constructor when it is asked for something."""
    then, recording = {**_situation(m), "active": list(m.active)}, m.grad
    m.covered.add((cls.env.source.path, f"{cls.name}()"))

    def construct() -> None:
        now = _situation(m)
        _resume(m, {**then, "idle": False, "muted": 0})
        try:
            with m.gradient(recording):
                calls.call_function(m, init, args, place)
        except BaseException:  # the budget, the stack or the time may end: whatever it is goes on, and half an object is not known
            obj.state["unresolved"] = True
            raise
        finally:
            _resume(m, now)

    def run() -> None:
        with made_at(born(obj.held)):
            _for_good(m, obj, construct)
        if obj.state.get("training") is not True:
            modules.forget_mode(m, obj)

    obj.waiting = run


_CIRCUMSTANCES = ("guards", "loops", "frames", "activation", "scope", "forwarding", "active", "idle", "muted")


def _situation(m: Machine) -> dict[str, Any]:
    return {name: getattr(m, name) for name in _CIRCUMSTANCES}


def _resume(m: Machine, situation: dict[str, Any]) -> None:
    for name, value in situation.items():
        setattr(m, name, value)


def _for_good(m: Machine, obj: Obj, construct: Callable[[], None]) -> None:
    """Construct the object so that no open branch undoes it. What else the constructor writes to is written to now."""
    outer, m.journal = m.journal, Journal()
    mark = m.journal.mark()
    try:
        construct()
    finally:
        own, m.journal, writes = Journal(), outer, m.journal.take(mark)
        for store, name, value in writes.values():
            (own if store is obj.held or store is obj.state else outer).write(store, name, value)


def leave(m: Machine) -> None:
    """At the end of a root: what nobody has asked for is not known."""
    for obj in m.modules:
        if obj.waiting is not None:
            obj.waiting = None
            obj.state["unresolved"] = True
