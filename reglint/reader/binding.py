"""Parameters and arguments: which parameter of a function of the project gets which value."""

from __future__ import annotations

import ast

from reglint.reader import settings
from reglint.reader.domain import Arguments, ClassValue, Function, Scope, Tuple, new_dict, new_list
from reglint.reader.machine import Machine
from reglint.source import Place, SourceFile
from reglint.step.values import Const, Origin, OriginKind, Unknown, Value


def defaults(m: Machine, spec: ast.arguments) -> dict[str, Value]:
    """The default values of a function's parameters, evaluated where it is defined."""
    from reglint.reader.expressions import evaluate

    found: dict[str, Value] = {}
    named = [*spec.posonlyargs, *spec.args]
    for arg, node in zip(named[len(named) - len(spec.defaults) :], spec.defaults, strict=True):
        found[arg.arg] = evaluate(m, node)
    for arg, kw_node in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if kw_node is not None:
            found[arg.arg] = evaluate(m, kw_node)
    return found


def accepts(function: Function, args: Arguments, place: Place | None) -> bool:
    """Has the function a parameter for each positional argument? A call that raises says nothing of what the arguments are."""
    spec = function.node.args
    if place is None or not isinstance(place.node, ast.Call) or any(isinstance(arg, ast.Starred) for arg in place.node.args):
        return True  # of `*args` it is not known for sure how many there are
    return spec.vararg is not None or len(args.positional) <= len(spec.posonlyargs) + len(spec.args)


def bind(m: Machine, function: Function, args: Arguments, scope: Scope, root: bool) -> None:
    """Give each parameter its argument, its default, or an unknown named after it."""
    spec = function.node.args
    positional = list(args.positional)
    keywords = dict(args.keywords)
    env = function.env
    for arg in (*spec.posonlyargs, *spec.args):
        if positional:
            scope.vars[arg.arg] = positional.pop(0)
        elif arg.arg in keywords:
            scope.vars[arg.arg] = keywords.pop(arg.arg)
        else:
            found = _default(function, arg, env.source, root, args.extra)
            known = settings.given(m, function, arg) if root and isinstance(found, Unknown) else None
            scope.vars[arg.arg] = known or found
    for arg in spec.kwonlyargs:
        scope.vars[arg.arg] = keywords.pop(arg.arg) if arg.arg in keywords else _default(function, arg, env.source, root, args.extra)
    if spec.vararg is not None:
        scope.vars[spec.vararg.arg] = new_list(tuple(positional), args.extra or root) if args.extra or root else Tuple(tuple(positional))
    if spec.kwarg is not None:
        scope.vars[spec.kwarg.arg] = new_dict(dict(keywords), args.extra or root)


def _default(function: Function, arg: ast.arg, source: SourceFile, adjustable: bool, extra: bool) -> Value:
    value = function.defaults.get(arg.arg)
    if extra and not isinstance(value, (Function, ClassValue)):
        return Unknown(f"parameter {arg.arg} of {function.name}, which may be passed in * or **", arg.arg)
    if value is None:
        return Unknown(f"parameter {arg.arg} of {function.name}", arg.arg)
    if isinstance(value, Const):
        kind = OriginKind.PARAMETER if adjustable else OriginKind.CONSTANT
        if value.value is None and adjustable:
            return Unknown(f"parameter {arg.arg} of {function.name}, None by default", arg.arg)
        if value.origin is not None and value.origin.adjustable:
            return value
        return Const(value.value, Origin(kind, arg.arg if adjustable else f"default of {arg.arg}", Place(source, arg)))
    return value
