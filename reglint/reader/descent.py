"""Gradient descent that is written out, in numpy or torch: `w = w - rate * (X.T @ (X @ w - y))`."""

from __future__ import annotations

from reglint.reader.machine import Machine
from reglint.reader.objective import PRODUCTS
from reglint.source import Place
from reglint.step.trace import Descended
from reglint.step.values import Expr, Phi, Value

MAX_NODES = 60
WITH_DATA = PRODUCTS | {"dot", "vdot", "inner", "tensordot"}


def note(m: Machine, target: Value, change: Value, place: Place) -> None:
    """Record `target - change` where the change comes from the target itself by way of a product, as a gradient does."""
    if not isinstance(change, Expr):
        return
    itself = product = False
    stack: list[Value] = [change]
    seen: set[int] = set()
    while stack and len(seen) < MAX_NODES and not (itself and product):
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        itself = itself or top is target
        if isinstance(top, Expr):
            product = product or top.op in WITH_DATA
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
    if itself and product:
        m.emit(Descended, place, target=target, change=change)
