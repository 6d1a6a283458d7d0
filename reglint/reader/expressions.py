"""Abstract evaluation of expressions."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable
from typing import Any

from reglint.reader import attributes, binding, calls, collections, imports, iteration, masks, training
from reglint.reader.domain import (
    NONE,
    PARAMETER_NAME,
    Arguments,
    ClassValue,
    Collection,
    Each,
    External,
    Function,
    Iteration,
    ModuleRef,
    Obj,
    Param,
    Params,
    Scope,
    Tuple,
    new_dict,
    new_list,
)
from reglint.reader.journal import join_values
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.conditions import compare
from reglint.step.trace import Averaged, ScalarIndexed
from reglint.step.values import Const, Expr, Origin, OriginKind, Phi, Unknown, Value

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("div", operator.truediv),
    ast.FloorDiv: ("floordiv", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("pow", operator.pow),
    ast.MatMult: ("matmul", operator.matmul),
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_MAYBE_NONE = {"call", "attribute", "getitem", "or", "and", "get"}
_BUILTINS = frozenset(dir(builtins))


def evaluate(m: Machine, node: ast.expr) -> Value:
    """The abstract value of an expression in the machine's present state."""
    m.budget -= 1
    if m.budget < 0:
        m.spend()
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return Unknown(f"{type(node).__name__} is not evaluated")
    return handler(m, node)


def lookup(m: Machine, name: str) -> Value | None:
    """The value of a variable, from the innermost scope outwards; None where nothing binds it."""
    scope: Scope | None = m.scope
    home = scope.shared.get(name) if scope is not None else None
    scope = home or scope
    while scope is not None:
        found = scope.vars.get(name)
        if found is not None:
            return m.resolve(found)
        scope = scope.outer
    found = m.project.lazy_global(m, m.scope.env, name)
    return m.resolve(found) if found is not None else None


def _name(m: Machine, node: ast.Name) -> Value:
    found = lookup(m, node.id)
    if found is not None:
        return found
    if node.id in _BUILTINS:
        return External(f"builtins.{node.id}")
    value = imports.forgotten(m, node.id) or Unknown(f"nothing in this file binds {node.id}", node.id)
    m.env.scope.vars[node.id] = value
    return value


def _constant(m: Machine, node: ast.Constant) -> Value:
    return Const(node.value, Origin(OriginKind.LITERAL, "", m.place(node)))


def _attribute(m: Machine, node: ast.Attribute) -> Value:
    return attributes.get(m, evaluate(m, node.value), node.attr, m.place(node))


def binary(m: Machine, name: str, fold: Callable[[Any, Any], Any], left: Value, right: Value, place: Place) -> Value:
    """One arithmetic operation: carried out on constants, kept as an expression otherwise."""
    if isinstance(left, Const) and isinstance(right, Const):
        folded = _fold(fold, left, right)
        if folded is not None:
            return folded
    if name == "add":
        joined = iteration.concatenate(left, right, place)
        if joined is not None:
            return joined
        result = Expr(name, (left, right), {}, place)
        training.note_penalty(m, left, right, result, place)
        return result if not isinstance(left, Phi) else _distributed(m, name, fold, left, right, place)
    if name == "mul" and isinstance(left, Collection) and left.kind == "list":
        count = right.value if isinstance(right, Const) and not right.adjustable else None
        if isinstance(count, int) and 0 <= count <= 8 and not left.open:
            return new_list(left.items * count, False, place)
        return new_list(left.items, True, place)
    if name == "mul" and (isinstance(left, Expr) or isinstance(right, Expr)):
        masks.note(m, left, right, place)
    if name == "div" and training.is_running_sum(left):
        m.emit(Averaged, place, total=left, count=right)
    return _distributed(m, name, fold, left, right, place)


def _distributed(m: Machine, name: str, fold: Callable[[Any, Any], Any], left: Value, right: Value, place: Place) -> Value:
    if (isinstance(left, Phi) and isinstance(right, Const)) or (isinstance(right, Phi) and isinstance(left, Const)):
        phi = left if isinstance(left, Phi) else right
        assert isinstance(phi, Phi)
        if all(isinstance(v, Const) for v in (phi.then, phi.other)):
            sides = [(v, right) if phi is left else (left, v) for v in (phi.then, phi.other)]
            then, other = (binary(m, name, fold, a, b, place) for a, b in sides)
            return join_values(phi.condition, then, other)
    return Expr(name, (left, right), {}, place)


def _fold(fold: Callable[[Any, Any], Any], left: Const, right: Const) -> Const | None:
    for side in (left.value, right.value):
        if isinstance(side, (int, float)) and abs(side) > 1e12:
            return None  # `10 ** 10 ** 10` must not be carried out
        if isinstance(side, (str, bytes, tuple)) and len(side) > 4096:
            return None
    if fold is operator.pow and (not isinstance(right.value, (int, float)) or abs(right.value) > 64):
        return None
    if fold is operator.mul and isinstance(left.value, (str, bytes)) | isinstance(right.value, (str, bytes)):
        return None
    try:
        value = fold(left.value, right.value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    if isinstance(value, complex):
        return None
    origin = left.origin if left.adjustable or not right.adjustable else right.origin
    if origin is not None and origin.kind is OriginKind.LITERAL and right.origin is not None:
        origin = right.origin if right.origin.kind is not OriginKind.LITERAL else origin
    return Const(value, origin)


def _binop(m: Machine, node: ast.BinOp) -> Value:
    left, right = evaluate(m, node.left), evaluate(m, node.right)
    known = _BINARY.get(type(node.op))
    if known is None:
        return Expr(type(node.op).__name__.lower(), (left, right), {}, m.place(node))
    return binary(m, known[0], known[1], left, right, m.place(node))


def augmented(m: Machine, op: ast.operator, left: Value, right: Value, place: Place) -> Value:
    """The new value of `left op= right`."""
    known = _BINARY.get(type(op))
    if known is None:
        return Expr(type(op).__name__.lower(), (left, right), {}, place)
    return binary(m, known[0], known[1], left, right, place)


def _unary(m: Machine, node: ast.UnaryOp) -> Value:
    value = evaluate(m, node.operand)
    if isinstance(node.op, ast.Not):
        truth = m.truth(value)
        return Expr("not", (value,), {}, m.place(node)) if truth is None else Const(not truth)
    if isinstance(node.op, ast.USub):
        if isinstance(value, Const) and isinstance(value.value, (int, float)):
            return Const(-value.value, value.origin)
        return Expr("neg", (value,), {}, m.place(node))
    if isinstance(node.op, ast.Invert) and isinstance(value, Const) and isinstance(value.value, int):
        always = isinstance(value.value, bool)  # -1 and -2 are both true: no option changes the outcome
        return Const(~int(value.value), None if always else value.origin)
    return value


def _is_test(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, bool)
    return isinstance(value, Expr) and value.op in ("compare", "not", "and", "or")


def _boolop(m: Machine, node: ast.BoolOp) -> Value:
    stop = isinstance(node.op, ast.Or)
    values: list[Value] = []
    for part in node.values:
        value = evaluate(m, part)
        truth = m.truth(value)
        if truth is stop:
            return value if not values else _combine(m, stop, [*values, value], m.place(node))
        if truth is None or part is node.values[-1]:
            values.append(value)
    return _combine(m, stop, values, m.place(node))


def _combine(m: Machine, stop: bool, values: list[Value], place: Place) -> Value:
    if len(values) == 1:
        return values[0]
    if all(_is_test(v) or isinstance(v, (Unknown, Expr)) for v in values) or len(values) > 2:
        return Expr("or" if stop else "and", tuple(values), {}, place)
    # `given or default`: one of the two, decided by the first.
    first, second = values
    held, failed = (first, second) if stop else (second, first)
    return m.either(first, lambda: _settled(m, held), lambda: _settled(m, failed))


def _settled(m: Machine, value: Value) -> Value:
    """The value under the guards in force: of a test they may say how it ends."""
    truth = m.truth(value) if _is_test(value) else None
    return m.resolve(value) if truth is None else Const(truth)


def _compare(m: Machine, node: ast.Compare) -> Value:
    left = evaluate(m, node.left)
    results: list[Value] = []
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(m, right_node)
        results.append(compared(m, _COMPARE[type(op)], left, right, m.place(node)))
        left = right
    return results[0] if len(results) == 1 else _combine(m, False, results, m.place(node))


def compared(m: Machine, name: str, left: Value, right: Value, place: Place) -> Value:
    """One comparison; decided where both sides are fixed, or where something that exists is compared to None."""
    if isinstance(left, Phi) and isinstance(right, Const) and not right.adjustable and left.size <= 4:
        sides = [compared(m, name, m.resolve(side), right, place) for side in (left.then, left.other)]
        if all(isinstance(s, Const) for s in sides):
            return join_values(left.condition, sides[0], sides[1])
    if isinstance(left, Const) and isinstance(right, Const) and not left.adjustable and not right.adjustable:
        if right.origin is PARAMETER_NAME and isinstance(left.value, str):
            m.name_words.add(left.value)
        outcome = compare(name, left.value, right.value)
        return Unknown("a comparison that raises") if outcome is None else Const(outcome)
    if name in ("is", "is not", "==", "!=") and isinstance(right, Const) and right.value is None and _exists(left):
        return Const(name in ("is not", "!="))
    if name in ("in", "not in") and isinstance(left, Const):
        found = _contains(left, right)
        if found is not None:
            return Const(found == (name == "in"))
    if name in ("in", "not in") and isinstance(left, External) and isinstance(right, (Tuple, Collection)) and right.items:
        named = [one.name for one in right.items if isinstance(one, External)]
        if len(named) == len(right.items) and not (isinstance(right, Collection) and right.open):
            return Const((left.name in named) == (name == "in"))  # `type(x) in (tuple, list)`
    if name in ("==", "!=", "is", "is not") and isinstance(left, External) and isinstance(right, External):
        return Const((left.name == right.name) == (name in ("==", "is")))
    if name in ("is", "is not") and left is right:
        return Const(name == "is")
    if name in ("in", "not in") and isinstance(right, (Tuple, Collection)):
        constants = _constants(right)
        if constants is not None:
            right = Const(constants)
    return Expr("compare", (left, right), {}, place, name)


def _exists(value: Value) -> bool:
    if isinstance(value, Expr):
        return value.op not in _MAYBE_NONE
    return isinstance(value, (Obj, Param, Params, Each, Function, ClassValue, Collection, Tuple, ModuleRef, Iteration)) or (
        isinstance(value, Const) and value.value is not None and not value.adjustable
    )


def _constants(value: Value) -> tuple[object, ...] | None:
    if isinstance(value, Collection) and value.kind == "dict":
        return None if value.open else tuple(value.items)
    if isinstance(value, Tuple) or (isinstance(value, Collection) and not value.open):
        if all(isinstance(i, Const) for i in value.items):
            return tuple(i.value for i in value.items if isinstance(i, Const))
    return None


def _contains(left: Const, right: Value) -> bool | None:
    if left.adjustable:
        return None
    if isinstance(right, Collection) and right.kind == "dict" and isinstance(left.value, (str, int, float)):
        return collections.holds(right, left.value)
    if isinstance(right, Expr) and right.op == "str" and isinstance(left.value, str):
        return _names_class(left.value, right.args[0])
    constants = _constants(right)
    if constants is None or not isinstance(left.value, (str, int, float)):
        return None
    return left.value in constants


def _names_class(word: str, cls: Value) -> bool | None:
    """Does a word stand in the text of a class, `<class 'torch.optim.sgd.SGD'>`? Modules of libraries are in lower case."""
    if not isinstance(cls, (External, ClassValue)):
        return None
    if word in cls.name.rpartition(".")[2]:
        return True
    return False if isinstance(cls, External) and word[:1].isupper() and word.lower() not in cls.name.lower() else None


def _ifexp(m: Machine, node: ast.IfExp) -> Value:
    return m.either(evaluate(m, node.test), lambda: evaluate(m, node.body), lambda: evaluate(m, node.orelse))


def _subscript(m: Machine, node: ast.Subscript) -> Value:
    value = evaluate(m, node.value)
    place = m.place(node)
    if isinstance(node.slice, ast.Slice):
        bounds = [evaluate(m, b) if b is not None else NONE for b in (node.slice.lower, node.slice.upper, node.slice.step)]
        return m.each_alternative(value, lambda v: iteration.sliced(m, v, bounds, place))
    index = evaluate(m, node.slice)
    if isinstance(index, Const) and index.value == 0 and _is_number(value):
        m.emit(ScalarIndexed, place)
    return m.each_alternative(value, lambda v: iteration.item(m, v, index, place))


def _is_number(value: Value) -> bool:
    """Is it a loss that is reduced to one number, or its `.data`?"""
    if isinstance(value, Expr) and value.op == "attribute" and value.name == "data":
        value = value.args[0]
    reduction = value.attrs.get("reduction") if isinstance(value, Expr) and value.op == "criterion" else None
    return isinstance(reduction, Const) and reduction.value in ("mean", "sum", "batchmean")


def _tuple(m: Machine, node: ast.Tuple) -> Value:
    items, open_ = _elements(m, node.elts)
    return new_list(items, True, m.place(node)) if open_ else Tuple(items)


def _list(m: Machine, node: ast.List | ast.Set) -> Value:
    items, open_ = _elements(m, node.elts)
    return new_list(items, open_, m.place(node), "list" if isinstance(node, ast.List) else "set")


def _elements(m: Machine, nodes: list[ast.expr]) -> tuple[tuple[Value, ...], bool]:
    items: list[Value] = []
    open_ = False
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(evaluate(m, node))
            continue
        inner = evaluate(m, node.value)
        if isinstance(inner, Tuple) or (isinstance(inner, Collection) and inner.kind != "dict" and not inner.open):
            items.extend(inner.items)
        elif isinstance(inner, Params) and inner.members is not None:
            items.extend(iteration.all_elements(m, inner)[0])
            open_ = open_ or len(inner.members) > iteration.MAX_PARAMETERS
        else:
            items.append(iteration.element(m, inner))
            open_ = True
    return tuple(items), open_


def _dict(m: Machine, node: ast.Dict) -> Value:
    made = new_dict(place=m.place(node))
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(m, value_node)
        if key_node is None:
            collections.update(m, made, value, Arguments((), {}), m.place(node))
            continue
        name = evaluate(m, key_node)
        if isinstance(name, Const) and isinstance(name.value, (str, int, float, bool)):
            made.items[name.value] = value
        else:
            made.attrs["open"] = True  # a key that is not known: any lookup may find it
    return made


def _lambda(m: Machine, node: ast.Lambda) -> Value:
    return Function(node, m.scope, "<lambda>", binding.defaults(m, node.args))


def _formatted(m: Machine, node: ast.JoinedStr) -> Value:
    parts = [evaluate(m, part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
    if all(isinstance(p, Const) and isinstance(p.value, (str, int)) and not p.adjustable for p in parts):
        return Const("".join(str(p.value) for p in parts if isinstance(p, Const)))
    return Expr("format", tuple(parts), {}, m.place(node))


def _call(m: Machine, node: ast.Call) -> Value:
    function = evaluate(m, node.func)
    positional: list[Value] = []
    extra = False
    for arg in node.args:
        if not isinstance(arg, ast.Starred):
            positional.append(evaluate(m, arg))
            continue
        inner = m.resolve(evaluate(m, arg.value))
        if isinstance(inner, Tuple) or (isinstance(inner, Collection) and inner.kind != "dict" and not inner.open):
            positional.extend(inner.items)
        else:
            positional.append(iteration.element(m, inner))
            extra = True
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = m.resolve(evaluate(m, keyword.value))
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, Collection) and value.kind == "dict":
            keywords.update({k: v for k, v in value.items.items() if isinstance(k, str)})
            extra = extra or value.open
        else:
            extra = True
    place = m.place(node)
    if isinstance(node.func, ast.Attribute):
        calls.check_iterators(m, positional)
    return calls.call(m, function, Arguments(tuple(positional), keywords, extra), place)


def _named(m: Machine, node: ast.NamedExpr) -> Value:
    value = evaluate(m, node.value)
    m.write(m.scope.vars, node.target.id, value)
    return value


def _yield(m: Machine, node: ast.Yield | ast.YieldFrom) -> Value:
    value = evaluate(m, node.value) if node.value is not None else NONE
    if isinstance(node, ast.YieldFrom):
        value = iteration.element(m, value)
    m.activation.yields.append(value)
    return Unknown("what a generator is sent")


def _comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    return iteration.comprehension(m, node, evaluate)


def _await(m: Machine, node: ast.Await) -> Value:
    return evaluate(m, node.value)


_HANDLERS: dict[type[ast.expr], Callable[[Machine, Any], Value]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.BinOp: _binop,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolop,
    ast.Compare: _compare,
    ast.IfExp: _ifexp,
    ast.Subscript: _subscript,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _list,
    ast.Dict: _dict,
    ast.Lambda: _lambda,
    ast.JoinedStr: _formatted,
    ast.Call: _call,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Await: _await,
}
