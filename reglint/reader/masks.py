"""Dropout by hand: a tensor times a random mask of its own shape, and whether the code rescales what is kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reglint.reader.domain import Tuple
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import Masked
from reglint.step.values import Expr, Value

CASTS = frozenset({"same", "astype", "bool", "int", "float", "item"})
UNIFORM = frozenset({"rand_like", "rand", "random", "random_sample", "uniform_"})
LIKE = frozenset({"rand_like", "full_like", "ones_like", "zeros_like", "empty_like"})
SCALES = frozenset({"mul", "mul_", "div", "div_", "multiply", "divide", "true_divide"})
_MODE = re.compile(r"(?:is_?)?train(?:ing)?(?:_?mode)?|mode|phase", re.IGNORECASE)


def note(m: Machine, left: Value, right: Value, place: Place) -> None:
    """Record the product of a tensor with a random mask of the same shape."""
    for value, mask in ((left, right), (right, left)):
        drawn = _drawn(mask)
        shape = _shaped_as(drawn) if drawn is not None else None
        if drawn is None or shape is None or drawn.place is None or m.interner.key(shape) != m.interner.key(value):
            continue  # nearly all products; a mask for whole rows is no dropout of elements
        scope = _scope(m)
        if scope is not None and not m.muted:
            m.emit(Masked, place, value=value, gated=_gated(m, place), rescaled=_rescales(scope, _names(drawn.place.node)))


def _drawn(mask: Value) -> Expr | None:
    """The draw of zeros and ones that a mask is; None for anything else, a mask that is divided by something among it."""
    while isinstance(mask, Expr) and mask.op in CASTS and mask.args:
        mask = mask.args[0]
    if not isinstance(mask, Expr):
        return None
    if mask.op in ("bernoulli", "bernoulli_", "binomial"):
        return mask
    sides = [side for side in mask.args if isinstance(side, Expr) and side.op in UNIFORM] if mask.op == "compare" else []
    return mask if len(sides) == 1 and mask.name in ("<", ">", "<=", ">=") else None


def _shaped_as(drawn: Expr) -> Value | None:
    """The tensor whose shape a draw has: that of `rand_like(x)`, `rand(x.shape)`, `full_like(x, p)`."""
    made: Value | None = next((side for side in drawn.args if isinstance(side, Expr) and side.op in UNIFORM), None)
    if drawn.op == "binomial":
        made = drawn.attrs.get("size", drawn.args[-1] if len(drawn.args) > 2 else None)
    elif drawn.op.startswith("bernoulli"):
        made = drawn.args[0] if drawn.args else None
    for _ in range(4):
        if not isinstance(made, Expr) or not made.args:
            return None
        if made.op in LIKE:
            return made.args[0]
        if made.op in ("shape", "size") or (made.op == "attribute" and made.name == "shape"):
            return made.args[0] if len(made.args) == 1 else None
        made = made.args[0].items[0] if isinstance(made.args[0], Tuple) and made.args[0].items else _sizes(made)
    return None


def _sizes(made: Expr) -> Value:
    """The argument of a draw that holds the sizes: `rng.random(x.shape)` has the generator before it."""
    return next((arg for arg in made.args if isinstance(arg, Expr) and arg.op in ("shape", "size", "element", "attribute")), made.args[0])


def _scope(m: Machine) -> ast.AST | None:
    """Where a scale would stand: the class of a method, the file of a function."""
    function = m.activation.function
    if function is None:
        return None
    return function.owner.node if function.owner is not None else function.env.tree


# -- is it for training only? ------------------------------------------------------------------------------------------


def _gated(m: Machine, place: Place) -> bool:
    """Does the product, or a call on the way to it, stand under a condition that asks for the mode?"""
    inner: list[object] = [place.node, *(frame.call.node for frame in reversed(m.frames) if frame.call is not None)]
    return any(_asks_mode(function, node) for function, node in zip(reversed(m.active), inner, strict=False))


def _asks_mode(function: ast.AST, node: object) -> bool:
    row = getattr(node, "lineno", 0)
    for part in ast.walk(function):
        if not isinstance(part, (ast.If, ast.IfExp)) or not any(_MODE.fullmatch(name) for name in _names_in(part.test)):
            continue
        if part.lineno <= row <= (part.end_lineno or 0):
            return True
        leaves = isinstance(part, ast.If) and isinstance(part.body[-1], ast.Return)
        if leaves and part.lineno < row:
            return True  # `if not self.training: return x`
    return False


# -- is what is kept rescaled? -----------------------------------------------------------------------------------------


def _names(drawn: object) -> frozenset[str]:
    """What the probability of a draw goes by; empty where it is a number."""
    rate: ast.AST | None = None
    match drawn:
        case ast.Compare(left=left, comparators=[right]):
            rate = right if any("rand" in name for name in _names_in(left)) else left
        case ast.Call(func=ast.Attribute(attr="bernoulli_"), args=[first, *_]):
            rate = first
        case ast.Call(func=function, args=args, keywords=keywords):
            given = {k.arg: k.value for k in keywords}
            inner = args[0] if args else None
            if "binomial" in set(_names_in(function)):
                rate = given.get("p", args[1] if len(args) > 1 else None)
            elif isinstance(inner, ast.Call):
                rate = inner.args[1] if len(inner.args) > 1 else next((k.value for k in inner.keywords if k.arg == "fill_value"), None)
            else:
                rate = inner
    return frozenset(_names_in(rate)) - {"self"} if rate is not None else frozenset()


def _rescales(scope: ast.AST, names: frozenset[str]) -> bool:
    """Is anything multiplied with or divided by the probability, or by what is computed from it? By any number, if it is one itself."""
    known = set(names)
    for part in ast.walk(scope):
        if isinstance(part, ast.Assign) and _is_arithmetic(part.value) and known & set(_names_in(part.value)):
            known |= {name for target in part.targets for name in _names_in(target)} - {"self"}
    return any(_is_scale(operand, known) for operand in _operands(scope))


def _operands(scope: ast.AST) -> Iterator[ast.expr]:
    for part in ast.walk(scope):
        if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Mult, ast.Div)):
            yield from (part.left, part.right)
        elif isinstance(part, ast.AugAssign) and isinstance(part.op, (ast.Mult, ast.Div)):
            yield part.value
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in SCALES:
            yield from part.args


def _is_scale(operand: ast.expr, names: set[str]) -> bool:
    if names:
        return _is_arithmetic(operand) and bool(names & set(_names_in(operand)))
    return _is_arithmetic(operand) and any(isinstance(part, ast.Constant) for part in ast.walk(operand))


def _is_arithmetic(node: ast.expr) -> bool:
    """Is it computed from numbers alone, as far as its form shows: no call, no comparison?"""
    return not any(isinstance(part, (ast.Call, ast.Compare, ast.Lambda)) for part in ast.walk(node))


def _names_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
