"""Is a value attached to the model by gradients? Walks over the expressions that a loss is computed by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from reglint.reader.domain import Collection, Tuple
from reglint.step.trace import Event, Forward
from reglint.step.values import Const, Expr, Phi, Value

CUTS = frozenset(
    {"detach", "detach_", "item", "data", "numpy", "tolist", "argmax", "tensor", "as_tensor", "from_numpy", "FloatTensor", "argsort"}
)
PASSING = frozenset(
    {"same", "scaled", "squeeze", "clone", "contiguous", "reshape", "view", "flatten", "neg", "sum", "mean", "float", "getitem"}
)
MAKERS = frozenset({"tensor", "as_tensor", "Variable", "FloatTensor", "Tensor"})


def nodes(value: Value, limit: int = 3000) -> Iterator[Expr]:
    """All expressions that a value is computed by, each once."""
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < limit:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            yield top
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))


def attached(value: Value, ends: Set[int] = frozenset(), limit: int = 20_000) -> Iterator[Value]:
    """All values that gradients of a value (or of what a tuple, list or dict holds) go back to, each once.

    `ends`: identities of values that were computed without a graph.
    """
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < limit:
        top = stack.pop()
        if id(top) in seen or id(top) in ends or (isinstance(top, Expr) and (top.op in CUTS or top.name in ("data", "item"))):
            continue  # looked at, or nothing goes back from here
        seen.add(id(top))
        yield top
        stack.extend((*top.args, *top.attrs.values()) if isinstance(top, Expr) else _inside(top))


def flows(source: Value, into: Value) -> bool:
    """Is a value computed by another (or by a part of it) in such a way that gradients go back to that?"""
    wanted = _parts(source)
    return any(id(value) in wanted for value in attached(into))


def reaches(value: Value, part: Value, ends: Set[int] = frozenset()) -> bool:
    """Do gradients of a value go back to that very part? A detached copy holds the same numbers, but not the same graph."""
    return any(one is part for one in attached(value, ends))


def without_graph(events: Iterable[Event]) -> set[int]:
    """Identities of what models gave where autograd was off."""
    return {id(e.result) for e in events if isinstance(e, Forward) and e.context.grad is False}


def _parts(value: Value) -> set[int]:
    """Identities of a value, of its alternatives and of what it holds."""
    found: set[int] = set()
    stack = [value]
    while stack:
        top = stack.pop()
        if id(top) not in found:
            found.add(id(top))
            stack.extend(_inside(top))
    return found


def _inside(value: Value) -> tuple[Value, ...]:
    match value:
        case Phi():
            return (value.then, value.other)
        case Tuple() | Collection():
            return tuple(value.items.values() if isinstance(value.items, dict) else value.items)
        case _:
            return ()


def is_cut(value: Value, depth: int = 20) -> bool:
    """Does every way from the value to the model pass through something that has no gradient? False where that is not shown."""
    if isinstance(value, Const):
        return True
    if not isinstance(value, Expr) or not depth:
        return False
    if value.op in CUTS or (value.op == "attribute" and value.name == "data"):
        return True
    if value.op == "criterion":
        return is_cut(value.args[0], depth - 1) and not _holds_model(value.args[1])
    if value.op in PASSING or value.op in ("add", "sub", "mul", "div"):
        return bool(value.args) and all(is_cut(a, depth - 1) for a in (value.args[:1] if value.op in PASSING else value.args))
    return False


def _holds_model(value: Value) -> bool:
    return any(node.op in ("layer", "forward", "call") for node in nodes(value))


def is_of_model(value: Value) -> bool:
    """Was it computed from a criterion or a model at all?"""
    return any(node.op in ("criterion", "forward", "layer") for node in nodes(value))


def is_true(value: Value | None) -> bool:
    """Is it the constant True?"""
    return isinstance(value, Const) and value.value is True
