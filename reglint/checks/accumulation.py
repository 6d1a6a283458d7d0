"""Evidence for RGL208 and RGL209: gradients of several micro-batches are added up before a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reglint.checks.gradients import implied, in_every_pass
from reglint.checks.objectives import Term, operation, terms
from reglint.step.conditions import Compared
from reglint.step.trace import AttributeSet, Backward, Cleared, Context, GradientRead, Guard, Stepped, Trace
from reglint.step.values import Const, Expr, Value, number, same


@dataclass(frozen=True, slots=True)
class Accumulation:
    """A backward() in every pass of a loop, and a step in every `steps`-th of them; `passes` where each was evaluated."""

    backward: Backward
    step: Stepped
    steps: Value
    passes: tuple[Backward, ...] = ()


def accumulations(trace: Trace) -> Iterator[Accumulation]:
    """Every backward() whose only step in its loop is guarded by `index % steps`, with gradients kept in between."""
    for backward in trace.of(Backward):
        steps = [s for s in trace.of(Stepped) if _same_pass(s.context, backward.context) and s.context.order > backward.context.order]
        mine = {guard.key for guard in backward.context.guards}
        if not steps or in_every_pass(steps, backward):
            continue  # a step after every backward()
        found = next((p for s in steps for g in s.context.guards if g.key not in mine and (p := _period(g)) is not None), None)
        if found is None or len({(s.place.source.path, s.place.node.lineno) for s in steps}) > 1:
            continue  # guarded by something else, or several optimizers that take turns
        if any(_means_one(guard, found) for guard in backward.context.guards):
            continue  # what `if K > 1: loss = loss / K` leaves: with one micro-batch there is nothing to divide
        step = steps[0]
        between = [b for b in trace.of(Backward) if backward.context.order < b.context.order < step.context.order]
        if any(_same_pass(b.context, backward.context) for b in between):
            continue  # the guarded step belongs to another backward()
        cleared = [c for c in trace.of(Cleared) if _same_pass(c.context, backward.context)]
        if in_every_pass(cleared, backward):
            continue  # nothing is kept from one micro-batch to the next
        if any(c.context.order < backward.context.order and implied(c, backward, step) for c in cleared):
            continue  # nothing is kept up to the one that steps
        edited = (*trace.of(GradientRead), *(e for e in trace.of(AttributeSet) if e.name == "grad"))
        if any(backward.context.order < e.context.order < step.context.order for e in edited):
            continue  # gradients are changed by hand before the step: they may be divided there
        yield Accumulation(backward, step, found)


def counted_accumulations(trace: Trace, after: bool = False) -> Iterator[Accumulation]:
    """The same over a short list, of which every pass is evaluated: several backward() of one place, then a step.

    The step is in the last pass; with `after` it may also follow the loop, which several tasks with losses of their own do as well.
    """
    pending: list[Backward] = []
    for event in trace.of(Backward, Stepped, Cleared, GradientRead):
        loops = event.context.loops
        if isinstance(event, Backward):
            same = bool(pending) and pending[-1].place.node is event.place.node and _uid(pending[-1]) == _uid(event)
            if not loops or loops[-1].over != "items" or (pending and not same):
                pending = []
            if loops and loops[-1].over == "items" and (not pending or pending[-1].context.loops != loops):
                pending.append(event)  # once per pass: a loss that is one of several is back-propagated under conditions
            continue
        if isinstance(event, Stepped) and len(pending) > 1:
            inside = bool(loops) and loops[-1].uid == _uid(pending[-1])
            if inside or (after and loops == pending[-1].context.loops[:-1]):
                yield Accumulation(pending[0], event, Const(len(pending)), tuple(pending))
        pending = []


def _uid(event: Backward) -> int:
    return event.context.loops[-1].uid if event.context.loops else 0


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


def _means_one(guard: Guard, steps: Value) -> bool:
    """Is it a comparison of the number of steps that excludes two and more?"""
    if not isinstance(guard.key, Compared) or not isinstance(guard.test, Expr) or not any(same(side, steps) for side in guard.test.args):
        return False
    return all(guard.key.of(count) is (not guard.outcome) for count in (2, 3))


def _modulus(value: Value) -> Value | None:
    return value.args[1] if isinstance(value, Expr) and value.op == "mod" and len(value.args) == 2 else None


def divisors(loss: Value) -> list[Value]:
    """What any term of a loss is divided by; `x * 0.25` divides by 4."""
    return [divisor for term in terms(loss) for divisor in divisors_of(term)]


def divisors_of(term: Term) -> list[Value]:
    """What one term is divided by."""
    found = [division.by for division in term.divisions]
    found += [Const(1 / size) for factor in term.factors if (size := number(factor)) is not None and 0 < size < 1]
    inner = term.value.args[0] if isinstance(term.value, Expr) and term.value.op in ("mean", "sum") and term.value.args else None
    while isinstance(inner, Expr) and operation(inner) in ("div", "mul") and len(inner.args) == 2:
        found += [inner.args[1]] if operation(inner) == "div" else []  # `(loss / steps).mean()`
        inner = inner.args[0]
    return found


def may_average(divisor: Value, steps: Value) -> bool:
    """Can a division be the one by the accumulation steps? A constant is only if it is their number."""
    size, count = number(divisor), number(steps)
    if size is None or (isinstance(divisor, Const) and divisor.adjustable):
        return True
    return count is not None and abs(size - count) < 1e-6 * count
