"""Calls that need not be evaluated again: nothing of training happens in them, they change nothing and give nothing that is known."""

from __future__ import annotations

import ast

from reglint.reader.domain import NONE, Arguments, ClassValue, Collection, Function, Obj
from reglint.reader.machine import Machine
from reglint.step.values import Const, Expr, Unknown, Value


def key(m: Machine, function: Function, args: Arguments) -> tuple[object, ...] | None:
    """What two calls have in common that may be taken for the same; None for calls that always count."""
    node = function.node
    if isinstance(node, ast.Lambda) or args.extra or m.project.facts.matters(function.env, node) or makes_a_module(function, args):
        return None
    if m.forwarding or (node.name == "forward" and function.owner is not None):
        return None  # what a model computes is what a step is made of
    given = [_argument(value) for value in (*args.positional, *args.keywords.values())]
    return None if None in given else (id(node), id(function.scope), tuple(given), tuple(args.keywords))


def makes_a_module(function: Function, args: Arguments) -> bool:
    """Is it a constructor of a module, or a wrapper around one? What it does to the module is its point, whatever its text says."""
    first = args.positional[0] if args.positional else None
    if not isinstance(first, Obj) or first.cls is None or not first.state.get("module"):
        return False
    return function.name.endswith("__init__") or not first.state.get("initialised")


def has_module(args: Arguments) -> bool:
    """Is a module among the arguments, or the object whose method is called?"""
    return any(isinstance(one, Obj) and one.state.get("module") for one in (*args.positional, *args.keywords.values()))


def _argument(value: Value) -> object:
    """What matters of an argument; None where too much does: parameters, losses, anything made of several parts."""
    from reglint.reader.objective import has_term

    if isinstance(value, Const):
        return repr(value.value)
    if isinstance(value, (Obj, Collection, Function, ClassValue)):
        return id(value)
    if isinstance(value, Unknown) or (isinstance(value, Expr) and not has_term(value)):
        return type(value).__name__
    return None


def says_nothing(result: Value) -> bool:
    """Is it a result that may as well be unknown?"""
    from reglint.reader.objective import has_term

    return result is NONE or isinstance(result, Unknown) or (isinstance(result, Expr) and result.op != "compare" and not has_term(result))
