"""Evidence for RGL208 and RGL209: gradients of several micro-batches are added up before a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reglint.reader.domain import Collection, Tuple
from reglint.step.trace import Backward, Cleared, Context, Guard, Stepped, Trace
from reglint.step.values import Const, Expr, Phi, Value


@dataclass(frozen=True, slots=True)
class Accumulation:
    """A backward() in every pass of a loop, and a step in every `steps`-th of them."""

    backward: Backward
    step: Stepped
    steps: Value


def accumulations(trace: Trace) -> Iterator[Accumulation]:
    """Every backward() whose only step in its loop is guarded by `index % steps`, with gradients kept in between."""
    for backward in trace.of(Backward):
        steps = [s for s in trace.of(Stepped) if _same_pass(s.context, backward.context) and s.context.order > backward.context.order]
        mine = {guard.key for guard in backward.context.guards}
        if not steps or any({g.key for g in s.context.guards} <= mine for s in steps):
            continue  # a step after every backward()
        found = next((p for s in steps for g in s.context.guards if g.key not in mine and (p := _period(g)) is not None), None)
        if found is None or len({s.optimizer for s in steps}) > 1:
            continue  # guarded by something else, or several optimizers that take turns
        step = steps[0]
        between = [b for b in trace.of(Backward) if backward.context.order < b.context.order < step.context.order]
        if any(_same_pass(b.context, backward.context) for b in between):
            continue  # the guarded step belongs to another backward()
        if any(_same_pass(c.context, backward.context) and {g.key for g in c.context.guards} <= mine for c in trace.of(Cleared)):
            continue  # nothing is kept from one micro-batch to the next
        yield Accumulation(backward, step, found)


def _same_pass(one: Context, other: Context) -> bool:
    return bool(other.loops) and one.loops == other.loops


def _period(guard: Guard) -> Value | None:
    """K of a guard `(i + 1) % K == 0` that holds (or `not i % K`), alone or next to other tests."""
    test = guard.test
    outcome = guard.outcome
    stack: list[Value] = [test] if test is not None else []
    for _ in range(20):
        if not stack:
            return None
        top = stack.pop()
        if isinstance(top, Expr) and top.op in ("or", "and", "not"):
            stack.extend(top.args)
        elif isinstance(top, Expr) and top.op == "compare" and len(top.args) == 2:
            found = _modulus(top.args[0])
            if found is not None and top.name in ("==", "!=") and (top.name == "==") == outcome:
                return found
        elif isinstance(top, Expr) and top.op == "mod":
            return top.args[1]
    return None


def _modulus(value: Value) -> Value | None:
    return value.args[1] if isinstance(value, Expr) and value.op == "mod" and len(value.args) == 2 else None


def divisors(loss: Value) -> list[Value]:
    """What a loss is divided by (or multiplied by the inverse of) anywhere on its way, on any path."""
    found: list[Value] = []
    stack, seen = [loss], set[int]()
    while stack and len(seen) < 500:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            if top.op in ("div", "div_") and len(top.args) == 2:
                found.append(top.args[1])
            elif top.op in ("mul", "mul_"):
                found.extend(arg for arg in top.args if isinstance(arg, Const) and isinstance(arg.value, float) and 0 < abs(arg.value) < 1)
            if top.op != "criterion":
                stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, Tuple) or (isinstance(top, Collection) and not isinstance(top.items, dict)):
            stack.extend(top.items)
    return found
