"""Freshly made tensors that ask for a gradient: parameters of a model that is written without nn.Module."""

from __future__ import annotations

from reglint.reader.domain import Arguments, Collection, Param, Tuple
from reglint.reader.library.registry import handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import LibraryCall
from reglint.step.values import Const, Expr, Value

# The position of the sizes: each size an argument of its own (0), one argument for all of them (1), or after mean and std (3).
MAKERS = {"randn": 0, "rand": 0, "zeros": 0, "ones": 0, "empty": 0, "full": 1, "normal": 3}
SCALING = frozenset({"mul", "div", "neg", "same"})


@handles(*(f"torch.{n}" for n in MAKERS))
def make(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """`torch.randn(3, 2, requires_grad=True)` is a parameter; without the gradient it is a tensor like any other."""
    made = Expr(name.rpartition(".")[2], args.positional, args.keywords, place, name)
    return (plain(made, place) or made) if is_true(args.keywords.get("requires_grad")) else made


@handles("torch.autograd.Variable")
def variable(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """`Variable(torch.randn(3, 2), requires_grad=True)`, as it was written before tensors and variables became one."""
    made = plain(args.positional[0], place) if args.positional and is_true(args.keywords.get("requires_grad")) else None
    return made or Expr("Variable", args.positional, args.keywords, place, name)


@handles("torch.autograd.grad")
def gradient(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """torch.autograd.grad(outputs, inputs): gradients that nobody adds up, for whatever the program does with them."""
    result = Expr("grad", args.positional, args.keywords, place, name)
    m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=args.keywords, result=result, extra=args.extra)
    return result


def is_true(value: Value | None) -> bool:
    """Is it the constant True?"""
    return isinstance(value, Const) and value.value is True and not value.adjustable


def plain(value: Value, place: Place) -> Param | None:
    """The parameter that a fresh tensor becomes when it asks for a gradient; None for a scalar and for what is not fresh.

    The start of a running sum is a scalar, and what is computed from something else is an input: neither is trained.
    """
    while isinstance(value, Expr) and value.op in SCALING and value.args:
        parts = [a for a in value.args if not isinstance(a, Const)]
        if len(parts) != 1:
            return None
        value = parts[0]
    if not isinstance(value, Expr) or value.op not in MAKERS or not value.name.startswith("torch."):
        return None
    sizes = _sizes(value)
    if not sizes:
        return None
    shape = _shape(sizes)
    if shape == ():
        return None
    return Param("", "other", len(shape) if shape is not None else None, "", place, shape=shape, plain=True)


def _sizes(value: Expr) -> tuple[Value, ...]:
    given = value.attrs.get("size")
    if given is not None:
        return (given,)
    match MAKERS[value.op]:
        case 0:
            return value.args
        case 1:
            return value.args[:1]
        case _:
            return value.args[2:3]


def _shape(sizes: tuple[Value, ...]) -> tuple[int | None, ...] | None:
    """The shape, with None for a size that is not known; None where not even their number is."""
    if len(sizes) == 1 and isinstance(sizes[0], Collection) and (sizes[0].open or sizes[0].kind == "dict"):
        return None
    if len(sizes) == 1 and isinstance(sizes[0], (Tuple, Collection)):
        sizes = tuple(sizes[0].items)
    elif len(sizes) == 1 and not isinstance(sizes[0], Const):
        return None  # a number or a whole shape
    return tuple(s.value if isinstance(s, Const) and isinstance(s.value, int) and not s.adjustable else None for s in sizes)


__all__ = ["plain"]
