"""Loops. Those over a known number of things are followed one by one, of all others two passes stand for all.

The second pass sees what is carried around the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from reglint.reader import iteration
from reglint.reader.domain import NONE, Iteration, Obj, Params, Tuple
from reglint.reader.expressions import evaluate
from reglint.reader.journal import Left
from reglint.reader.machine import MAX_LOOP_NESTING, Flow, Machine
from reglint.step.trace import Loop
from reglint.step.values import Const, Expr, Unknown, Value

EXACT = frozenset({"items", "parameters"})
COUNTED, COUNTED_BUILDS = 12, 64  # counted loops up to these lengths are followed number by number
SORTED_PARAMETERS = 300
TRAINING = frozenset({"backward", "step", "zero_grad", "train", "eval", "minimize"})
BUILDING = frozenset({"append", "extend", "add_module", "insert", "register_parameter"})


def run_for(m: Machine, node: ast.For | ast.AsyncFor) -> Flow:
    """A for loop: element by element where these are known, else two passes."""
    from reglint.reader.statements import assign, run_block

    iterable = m.resolve(evaluate(m, node.iter))
    elements, kind, exact = iteration.passes(m, iterable)
    if isinstance(iterable, Iteration) and iterable.numbers is not None and _worth_counting(node, iterable.numbers):
        elements, kind, exact = [Const(n) for n in iterable.numbers], "items", True
    if kind == "parameters" and isinstance(iterable, Params) and len(elements) == 1 and _sorts(node):
        members, complete = iteration.all_elements(m, iterable)
        elements = members if complete and len(members) <= SORTED_PARAMETERS else elements
    if not exact and (_once_is_enough(m) or _one_module_twice(elements)):
        elements = elements[-1:]
    counts = kind == "items" and isinstance(node.target, ast.Name)  # `for epoch in range(3)`
    if (counts or kind in ("other", "range")) and _speaks_of_epochs(node):
        kind = "epochs"
    if not elements:
        return run_block(m, node.orelse)

    def start(element: Value) -> None:
        assign(m, node.target, _fresh_element(element, exact))

    return _loop(m, node, elements, kind, start)


def _one_module_twice(elements: Sequence[Value]) -> bool:
    """Does one module stand for several? A second pass would list its parameters once more."""
    if len(elements) < 2 or elements[0] is not elements[1]:
        return False
    one = elements[0]
    return any(isinstance(part, Obj) and part.state.get("module") for part in (one.items if isinstance(one, Tuple) else (one,)))


def _worth_counting(node: ast.For | ast.AsyncFor, numbers: range) -> bool:
    """Is a counted loop followed number by number? Those that build something are, those that train are not."""
    if _speaks_of_epochs(node):
        return False
    called = {n.func.attr for s in node.body for n in ast.walk(s) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    names = {n.id for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    if called & TRAINING:
        return False
    return len(numbers) <= (COUNTED_BUILDS if called & BUILDING or "setattr" in names else COUNTED)


def _sorts(node: ast.For | ast.AsyncFor) -> bool:
    """Does the loop treat some parameters otherwise than others? Then it is followed one by one."""
    inner = [n for s in node.body for n in ast.walk(s)]
    called = {n.func.attr for n in inner if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    return not called & TRAINING and any(isinstance(n, (ast.If, ast.IfExp, ast.Dict)) for n in inner)


def open_ended(loop: Loop) -> bool:
    """Do two passes stand for any number of them?"""
    return loop.over not in EXACT


def _once_is_enough(m: Machine) -> bool:
    """In the second pass of a loop, or deep inside loops, what an inner loop carries around has been seen already."""
    return any(loop.iteration > 0 for loop in m.loops if loop.over != "items") or len(m.loops) >= MAX_LOOP_NESTING


def _fresh_element(element: Value, exact: bool) -> Value:
    """Each pass of an inexact loop sees a different element, so that tests of it do not agree across passes."""
    if exact or not isinstance(element, (Unknown, Expr)):
        if isinstance(element, Tuple) and not exact:
            return Tuple(tuple(_fresh_element(i, exact) for i in element.items))
        return element
    if isinstance(element, Unknown):
        return Unknown(element.reason, element.name)
    return Expr(element.op, (*element.args, Unknown("one pass of a loop")), element.attrs, element.place, element.name)


def _speaks_of_epochs(node: ast.For | ast.AsyncFor) -> bool:
    names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
    for part in ast.walk(node.iter):
        if isinstance(part, ast.Name):
            names.append(part.id)
        elif isinstance(part, ast.Attribute):
            names.append(part.attr)
    return any("epoch" in name.lower() for name in names)


def _loop(m: Machine, node: Any, elements: list[Value], kind: str, start: Callable[[Value], None]) -> Flow:
    from reglint.reader.statements import run_block

    uid = m.serial()
    outer_loops, outer_guards = m.loops, m.guards
    left: list[Left] = []
    before = m.journal.position()
    flow: Flow = None
    for number, element in enumerate(elements):
        m.loop_exits.append([])
        m.loops = (*outer_loops, Loop(uid, number, kind, m.place(node), _loaders(element)))
        start(element)
        flow = run_block(m, node.body)
        m.guards = outer_guards
        for how, exit_ in reversed(m.loop_exits.pop()):
            if how == "continue":
                m.journal.rejoin(exit_)
            else:
                left.append(exit_)
        if flow in ("break", "return", "raise"):
            break
    m.loops = outer_loops
    if kind not in EXACT:
        _close(m, before)
    if flow is None and node.orelse:
        flow = run_block(m, node.orelse)
    for exit_ in reversed(left):
        m.journal.rejoin(exit_)
    # The loop may run zero times only in theory; leaving in its first pass leaves for good.
    return flow if flow in ("return", "raise") else None


def _loaders(element: Value) -> frozenset[int]:
    """The data loaders that the elements of a loop come from."""
    if isinstance(element, Tuple):
        return frozenset(uid for item in element.items for uid in _loaders(item))
    if isinstance(element, Expr) and element.op == "data" and isinstance(element.args[0], Obj):
        return frozenset({element.args[0].uid})
    return frozenset()


def _close(m: Machine, start: tuple[int, int]) -> None:
    """After a loop of which two passes stand for all: what grew in it holds more than is shown."""
    for store, name, before in m.journal.since(start).values():
        now = store.get(name)
        if name == "items" and isinstance(before, tuple) and isinstance(now, tuple) and len(now) > len(before):
            m.write(store, "open", True)
        elif name == "children" and isinstance(before, dict) and isinstance(now, dict) and len(now) > len(before):
            m.write(store, "unresolved", True)


def run_while(m: Machine, node: ast.While) -> Flow:
    """A while loop: two passes."""
    from reglint.reader.statements import run_block

    test = evaluate(m, node.test)
    if m.truth(test) is False:
        return run_block(m, node.orelse)
    passes = 1 if _once_is_enough(m) else 2
    kind = "epochs" if any(isinstance(n, ast.Name) and "epoch" in n.id.lower() for n in ast.walk(node.test)) else "other"
    return _loop(m, node, [NONE] * passes, kind, lambda _: None)
