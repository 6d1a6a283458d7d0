"""Is a value attached to the model by gradients? Walks over the expressions that a loss is computed by."""

from __future__ import annotations

from collections.abc import Iterator

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


def holds(value: Value, wanted: Value) -> bool:
    """Is a value computed by (or equal to) another one?"""
    return value is wanted or any(node is wanted for node in nodes(value))


def is_true(value: Value | None) -> bool:
    """Is it the constant True?"""
    return isinstance(value, Const) and value.value is True
