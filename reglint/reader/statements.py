"""Abstract execution of statements.

`run_block` returns how control leaves a block: None (at its end), or "return", "raise", "break", "continue".
After `if c: return …` the rest of the function runs under the guard `not c`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reglint.reader import (
    attributes,
    binding,
    calls,
    collections,
    containers,
    descent,
    imports,
    iteration,
    loops,
    methods,
    modules,
    objective,
    training,
)
from reglint.reader.domain import (
    NONE,
    Arguments,
    ClassValue,
    Collection,
    Each,
    External,
    Function,
    Iteration,
    Obj,
    Param,
    Scope,
    Tuple,
    is_plain,
)
from reglint.reader.expressions import augmented, evaluate, lookup
from reglint.reader.journal import MISSING, Left
from reglint.reader.machine import Flow, Machine
from reglint.source import Place
from reglint.step.trace import Accumulated, PenaltyAdded
from reglint.step.values import Const, Expr, Origin, OriginKind, Phi, Unknown, Value

IN_PLACE = frozenset({"add_", "sub_", "mul_", "div_", "neg_", "pow_", "exp_", "log_", "sigmoid_", "relu_", "softmax_"})


def run_block(m: Machine, body: list[ast.stmt]) -> Flow:
    """Execute statements in order until control leaves the block."""
    for index, node in enumerate(body):
        m.spend()
        handler = _HANDLERS.get(type(node))
        if handler is None:
            continue  # pass, global, nonlocal handled by scope, del of anything but names
        flow = handler(m, node)
        if flow is not None:
            if isinstance(node, ast.If):
                _skim(m, body[index + 1 :])
            return flow
    return None


# -- assignment --------------------------------------------------------------------------------------------------------


def assign(m: Machine, target: ast.expr, value: Value) -> None:
    """Bind a target pattern to a value."""
    match target:
        case ast.Name(id=name):
            scope = m.scope.shared.get(name, m.scope)
            m.write(scope.vars, name, _named(m, value, name, target, scope))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(m, parts, value)
        case ast.Attribute():
            attributes.put(m, evaluate(m, target.value), target.attr, value, m.place(target))
        case ast.Subscript():
            _assign_item(m, target, evaluate(m, target.value), evaluate(m, target.slice), value, m.place(target))
        case ast.Starred():
            assign(m, target.value, value)


def _named(m: Machine, value: Value, name: str, node: ast.expr, scope: Scope) -> Value:
    """A literal bound at module level gets the variable's name as its source; in a class or function it keeps its place."""
    if isinstance(value, (Param, Expr)):
        modules.name_plain(value, name)
        return value
    if isinstance(value, Const) and value.origin is not None and value.origin.kind is OriginKind.LITERAL and not value.origin.label:
        if scope.outer is None and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
            return Const(value.value, Origin(OriginKind.CONSTANT, name, m.place(node)))
    return value


def _unpack(m: Machine, parts: list[ast.expr], value: Value) -> None:
    value = m.resolve(value)
    if isinstance(value, Phi) and all(isinstance(v, Tuple) and len(v.items) == len(parts) for v in (value.then, value.other)):
        yes, no = value.then, value.other
        assert isinstance(yes, Tuple) and isinstance(no, Tuple)
        for part, a, b in zip(parts, yes.items, no.items, strict=True):
            assign(m, part, Phi(value.condition, a, b) if a is not b else a)
        return
    items = value.items if isinstance(value, (Tuple, Collection)) and not isinstance(getattr(value, "items", None), dict) else None
    star = next((i for i, p in enumerate(parts) if isinstance(p, ast.Starred)), None)
    if items is not None and star is None and len(items) == len(parts):
        for part, one in zip(parts, items, strict=True):
            assign(m, part, one)
        return
    for index, part in enumerate(parts):
        place = m.place(part)
        if isinstance(part, ast.Starred):
            assign(m, part.value, Expr("getitem", (value, Unknown("a starred rest")), {}, place, "slice"))
        elif isinstance(value, Iteration):
            assign(m, part, value.element)
        else:
            known = isinstance(value, Expr) and value.op == "forward"
            one = iteration.item(m, value, Const(index), place) if known else Expr("getitem", (value, Const(index)), {}, place)
            assign(m, part, one)


def _assign_item(m: Machine, node: ast.Subscript, target: Value, index: Value, value: Value, place: Place) -> None:
    target = m.resolve(target)
    if isinstance(target, Collection) and target.kind == "dict":
        if isinstance(index, Const) and isinstance(index.value, (str, int, float, bool)):
            m.write(target.attrs, "items", {**target.items, index.value: value})
            collections.written_through(m, target, {index.value: value})
        else:
            collections.update(m, target, Unknown("a key that is not known"), Arguments((), {}), place)
    elif isinstance(target, Collection):
        position = index.value if isinstance(index, Const) else None
        if isinstance(position, int) and -len(target.items) <= position < len(target.items):
            items = list(target.items)
            items[position] = value
            m.write(target.attrs, "items", tuple(items))
        else:
            collections.shuffled(m, target)
    elif isinstance(target, Obj) and isinstance(index, Const):
        from reglint.reader import modules

        modules.set_item(m, target, index, value)
    elif isinstance(target, (Expr, Phi)):
        if isinstance(target, Expr):
            iteration.put_slot(m, target, index, value)
        if isinstance(node.value, ast.Name) and _is_bound_of(target, index):
            assign(m, node.value, Expr("where", (index, value, target), {}, place))


def _is_bound_of(tensor: Value, index: Value) -> bool:
    """Is it `x < 0`, so that `x[x < 0] = 0` bends all of x? Where another mask stands, a part is overwritten and the rest is as it was."""
    return isinstance(index, Expr) and index.op == "compare" and index.name in ("<", "<=", ">", ">=") and tensor in index.args


def _assign(m: Machine, node: ast.Assign) -> Flow:
    before = len(m.events)
    value = evaluate(m, node.value)
    if isinstance(node.value, ast.BinOp) and _names_itself(node.targets[0], node.value):
        value = _counted(m, value, value, value, "")
        if isinstance(node.value.op, ast.Sub) and isinstance(value, Expr) and value.op == "sub":
            descent.note(m, value.args[0], value.args[1], m.place(node))
    if m.grad is False and training.is_penalty(m, value):
        value = Expr("detach", (value,), {}, m.place(node.value))  # computed without a graph
    if len(m.events) > before and isinstance(node.targets[0], ast.Name):
        _note_unread(m, node.targets[0].id, value)
    for target in node.targets:
        assign(m, target, value)
    return None


def _names_itself(target: ast.expr, value: ast.BinOp) -> bool:
    """Is it `x = x + 1`?"""
    wanted = ast.dump(target).replace("Store()", "Load()")
    return any(ast.dump(side) == wanted for side in (value.left, value.right))


def _note_unread(m: Machine, name: str, value: Value) -> None:
    """A penalty was added and the sum bound to a name that the function never reads."""
    last = m.events[-1]
    function = m.activation.function
    body = function.node if function is not None else m.env.tree
    if isinstance(last, PenaltyAdded) and last.result is value:
        if not any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(body)):
            m.events[-1] = replace(last, unread=True)


def _annotated(m: Machine, node: ast.AnnAssign) -> Flow:
    if node.value is not None:
        assign(m, node.target, evaluate(m, node.value))
    return None


def _augmented(m: Machine, node: ast.AugAssign) -> Flow:
    target = node.target
    right = evaluate(m, node.value)
    place = m.place(node)
    if isinstance(target, ast.Attribute):
        base = evaluate(m, target.value)
        left = attributes.get(m, base, target.attr, place)
        if isinstance(node.op, (ast.Sub, ast.Add)):
            methods.stepped_by_hand(m, left, right, isinstance(node.op, ast.Sub), place)
        total = _counted(m, left, right, augmented(m, node.op, left, right, place), target.attr)
        _note_accumulated(m, node.op, target.attr, left, right, place)
        attributes.put(m, base, target.attr, total, m.place(target), augmented=True)
        return None
    if isinstance(target, ast.Subscript):
        base, index = evaluate(m, target.value), evaluate(m, target.slice)
        left = iteration.item(m, base, index, place)
        _assign_item(m, target, base, index, _counted(m, left, right, augmented(m, node.op, left, right, place), ""), place)
        return None
    left = lookup(m, target.id) or Unknown(f"{target.id} is not bound before", target.id)
    if isinstance(node.op, (ast.Sub, ast.Add)):
        methods.stepped_by_hand(m, left, right, isinstance(node.op, ast.Sub), place)
    if isinstance(node.op, ast.Sub):
        descent.note(m, left, right, place)
    if isinstance(left, Collection) and left.kind == "list" and isinstance(node.op, ast.Add):
        extended = iteration.concatenate(left, right, place)
        if isinstance(extended, Collection):
            m.write(left.attrs, "items", extended.items)
            m.write(left.attrs, "open", extended.open)
            return None
    total = _counted(m, left, right, augmented(m, node.op, left, right, place), target.id)
    _note_accumulated(m, node.op, target.id, left, right, place)
    # Where nothing is recorded, `w -= …` changes the parameter itself.
    assign(m, target, left if isinstance(left, (Param, Each)) and m.grad is False else total)
    return None


def _counted(m: Machine, left: Value, right: Value, total: Value, name: str) -> Value:
    """A number that a loop changes in each of its passes, of which only two are evaluated, is not known."""
    if isinstance(total, Const) and isinstance(left, Const) and isinstance(right, Const) and any(map(loops.open_ended, m.loops)):
        return Unknown("a number that changes in a loop", name)
    return total


def _note_accumulated(m: Machine, op: ast.operator, name: str, before: Value, addend: Value, place: Place) -> None:
    """An event where a loss that still has its graph is added up."""
    if isinstance(op, ast.Add) and m.grad is not False and m.loops and isinstance(addend, Expr) and objective.keeps_graph(addend):
        m.emit(Accumulated, place, name=name, addend=addend, before=before)


def _delete(m: Machine, node: ast.Delete) -> Flow:
    for target in node.targets:
        _delete_one(m, target)
    return None


def _delete_one(m: Machine, target: ast.expr) -> None:
    match target:
        case ast.Name(id=name):
            scope = m.scope.shared.get(name, m.scope)
            if name in scope.vars:
                m.write(scope.vars, name, MISSING)
        case ast.Attribute():
            attributes.delete(m, m.resolve(evaluate(m, target.value)), target.attr)
        case ast.Subscript():
            base = m.resolve(evaluate(m, target.value))
            index = Unknown("a slice") if isinstance(target.slice, ast.Slice) else evaluate(m, target.slice)
            if isinstance(base, Obj) and containers.is_container(base):
                containers.remove(m, base, index)
            elif isinstance(base, Collection):
                iteration.taken(m, base, index)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _delete_one(m, part)


# -- branches ----------------------------------------------------------------------------------------------------------


def _if(m: Machine, node: ast.If) -> Flow:
    test = evaluate(m, node.test)
    truth = m.truth(test)
    if truth is not None:
        _skim(m, node.orelse if truth else node.body)
        return run_block(m, node.body if truth else node.orelse)
    return branch(m, test, lambda: run_block(m, node.body), lambda: run_block(m, node.orelse))


def _skim(m: Machine, body: list[ast.stmt]) -> None:
    """Look into a branch that is never taken for what it mentions; nothing of what it does is kept, and no call is followed."""
    if not body or m.idle or m.muted:
        return
    before = m.activation, m.loop_exits, m.guards, m.grad
    m.activation, m.loop_exits, m.idle = replace(m.activation, returns=[], yields=[], left=[]), [[]], True
    mark = m.journal.mark()
    try:
        run_block(m, body)
    finally:
        m.journal.take(mark)
        m.idle = False
        m.activation, m.loop_exits, m.guards, m.grad = before


def branch(m: Machine, test: Value, then: Callable[[], Flow], other: Callable[[], Flow]) -> Flow:
    """Execute both sides of an open condition; where one leaves the block, the rest runs under the other's guard."""
    condition, positive = m.condition(test)
    yes, no = m.guards_for(test, True), m.guards_for(test, False)
    before = m.journal.position()
    flow: Flow
    flow_not: Flow
    flow, writes = m.under(yes, then)
    flow_not, writes_not = m.under(no, other)
    if flow is None and flow_not is None:
        if positive:
            m.journal.merge(condition, writes, writes_not)
        else:
            m.journal.merge(condition, writes_not, writes)
        return None
    if flow is None:
        m.journal.put(writes)
        _leave(m, flow_not, Left(condition, not positive, writes_not, before))
        m.guards = m.guards + yes
        return None
    if flow_not is None:
        m.journal.put(writes_not)
        _leave(m, flow, Left(condition, positive, writes, before))
        m.guards = m.guards + no
        return None
    if flow == "raise":
        m.journal.put(writes_not)
        return flow_not
    if flow_not == "raise":
        m.journal.put(writes)
        return flow
    if positive:
        m.journal.merge(condition, writes, writes_not)
    else:
        m.journal.merge(condition, writes_not, writes)
    return flow if flow == flow_not else "continue" if "continue" in (flow, flow_not) else "break"


def _leave(m: Machine, flow: Flow, left: Left) -> None:
    """Keep the state of a path that left early, to be joined where paths meet again."""
    if flow == "return":
        m.activation.left.append(left)
    elif flow in ("break", "continue") and m.loop_exits:
        m.loop_exits[-1].append((flow, left))
    # a path that raises does not come back


def _match(m: Machine, node: ast.Match) -> Flow:
    subject = evaluate(m, node.subject)

    def run(cases: list[ast.match_case]) -> Flow:
        if not cases:
            return None
        case, rest = cases[0], cases[1:]
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None:
            if case.pattern.name:
                m.write(m.scope.vars, case.pattern.name, subject)
            return run_block(m, case.body)
        if isinstance(case.pattern, ast.MatchValue):
            test: Value = Expr("compare", (subject, evaluate(m, case.pattern.value)), {}, m.place(case.pattern), "==")
            if isinstance(subject, Const) and not subject.adjustable and isinstance(test, Expr) and isinstance(test.args[1], Const):
                test = Const(subject.value == test.args[1].value)
        else:
            test = Unknown("a pattern that is not evaluated")
        truth = m.truth(test)
        if truth is not None:
            return run_block(m, case.body) if truth else run(rest)
        flow: Flow = branch(m, test, lambda: run_block(m, case.body), lambda: run(rest))
        return flow

    return run(list(node.cases))


# -- the rest ----------------------------------------------------------------------------------------------------------


def _return(m: Machine, node: ast.Return) -> Flow:
    m.activation.returns.append((m.guards, evaluate(m, node.value) if node.value is not None else NONE))
    return "return"


def _raise(m: Machine, node: ast.Raise) -> Flow:
    return "raise"


def _expression(m: Machine, node: ast.Expr) -> Flow:
    if isinstance(node.value, ast.Constant):
        return None  # a docstring
    value = evaluate(m, node.value)
    _in_place(m, node.value, value)
    if (isinstance(value, External) and value.name == "builtins.NoReturn") or (isinstance(value, Expr) and value.op == "exit"):
        return "raise"
    return None


def _in_place(m: Machine, node: ast.expr, value: Value) -> None:
    """`loss.div_(n)` as a statement: the name stands for the quotient from here on. Parameters keep their identity."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requires_grad_" and is_plain(value):
        if isinstance(node.func.value, ast.Name):
            assign(m, node.func.value, value)  # a fresh tensor: from here on a parameter
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in IN_PLACE:
        target = node.func.value
        if isinstance(target, ast.Name) and isinstance(value, Expr) and isinstance(lookup(m, target.id), Expr):
            assign(m, target, value)


def _with(m: Machine, node: ast.With | ast.AsyncWith) -> Flow:
    from reglint.reader import library

    before = m.grad
    for with_item in node.items:
        manager = m.resolve(evaluate(m, with_item.context_expr))
        entered = library.enter(m, manager, m.place(with_item.context_expr))
        if with_item.optional_vars is not None:
            assign(m, with_item.optional_vars, entered)
    flow = run_block(m, node.body)
    m.grad = before
    return flow


_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Raise)


def _try(m: Machine, node: ast.Try) -> Flow:
    if isinstance(node.body[-1], _LEAVING) and any(not isinstance(h.body[-1], _LEAVING) for h in node.handlers):
        # What follows runs only where the body raised, so both ways are followed.
        flow = branch(m, Unknown("an exception was raised"), lambda: _handlers(m, node.handlers, "raise"), lambda: run_block(m, node.body))
    else:
        flow = run_block(m, node.body)
        if flow is None and node.orelse:
            flow = run_block(m, node.orelse)
        flow = _handlers(m, node.handlers, flow)
    final = run_block(m, node.finalbody)
    return final or flow


def _handlers(m: Machine, handlers: list[ast.ExceptHandler], flow: Flow) -> Flow:
    for handler in handlers:
        if handler.name:
            m.write(m.scope.vars, handler.name, Unknown("an exception"))
        test = Unknown("an exception was raised")
        handled = branch(m, test, lambda h=handler: run_block(m, h.body), lambda: None)  # type: ignore[misc]
        if flow == "raise":
            flow = handled
    return flow


def _function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Flow:
    m.write(m.scope.vars, node.name, make_function(m, node, None, ""))
    return None


def make_function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: ClassValue | None, prefix: str) -> Value:
    """The value of a function definition, decorated."""
    decorators = tuple(_decorator(m, d) for d in node.decorator_list)
    outer = m.activation.function
    if not prefix and outer is not None:
        prefix = f"{outer.name}."
    scope = m.scope if owner is None else m.scope.outer or m.scope  # methods do not see the class body's names
    function = Function(node, scope, f"{prefix}{node.name}", binding.defaults(m, node.args), decorators, owner)
    from reglint.reader import library

    return library.decorated(m, function, m.place(node))


def _decorator(m: Machine, node: ast.expr) -> Value:
    """The value of a decorator; unknown where what makes it is not worth following."""
    if isinstance(node, ast.Call):
        maker = m.resolve(evaluate(m, node.func))
        if isinstance(maker, Function) and not calls.worth_following(m, maker):
            return Unknown(f"what {maker.name} gives")
    return m.resolve(evaluate(m, node))


def _class(m: Machine, node: ast.ClassDef) -> Flow:
    bases = tuple(m.resolve(evaluate(m, b.value if isinstance(b, ast.Subscript) else b)) for b in node.bases)  # Base[T] is Base
    outer = m.activation.function
    name = f"{outer.name}.{node.name}" if outer is not None else node.name
    cls = ClassValue(node, m.env, name, bases, {})
    tuples = any(isinstance(b, External) and b.name == "typing.NamedTuple" for b in bases)  # its fields are declared in the same way
    inherits = tuples or any(isinstance(b, ClassValue) and b.is_dataclass for b in bases)
    cls.is_dataclass = inherits or any(map(_is_dataclass, node.decorator_list))
    m.write(m.scope.vars, node.name, cls)
    scope = Scope(m.env, m.scope)
    with m.inside(scope):
        for statement in node.body:
            m.spend()
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                scope.vars[statement.name] = make_function(m, statement, cls, f"{name}.")
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found = evaluate(m, statement.value) if statement.value is not None else None
                cls.fields[statement.target.id] = _field_default(m, found)
                if found is not None:
                    scope.vars[statement.target.id] = found
            else:
                run_block(m, [statement])
    cls.attrs.update(scope.vars)
    return None


def _is_dataclass(decorator: ast.expr) -> bool:
    """By its name alone: what else a decorator of a class does is not followed."""
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
    return name in ("dataclass", "define", "frozen", "attrs")


def _field_default(m: Machine, value: Value | None) -> Value | None:
    """`field(default=x)` and `field(default_factory=f)` are x and f()."""
    if isinstance(value, Expr) and value.name.rpartition(".")[2] in ("field", "Field", "ib"):
        if "default" in value.attrs:
            return value.attrs["default"]
        factory = value.attrs.get("default_factory")
        if factory is not None and value.place is not None:
            return calls.call(m, factory, Arguments((), {}), value.place)
        return value.args[0] if value.args and value.name.endswith(".Field") else None
    return value


def _global(m: Machine, node: ast.Global) -> Flow:
    for name in node.names:
        m.scope.shared[name] = m.env.scope
    return None


def _nonlocal(m: Machine, node: ast.Nonlocal) -> Flow:
    for name in node.names:
        outer = m.scope.outer
        while outer is not None and name not in outer.vars:
            outer = outer.outer
        if outer is not None:
            m.scope.shared[name] = outer
    return None


def _import(m: Machine, node: ast.Import | ast.ImportFrom) -> Flow:
    imports.run(m, node)
    return None


def _break(m: Machine, node: ast.Break) -> Flow:
    return "break"


def _continue(m: Machine, node: ast.Continue) -> Flow:
    return "continue"


def _assert(m: Machine, node: ast.Assert) -> Flow:
    evaluate(m, node.test)
    return None


_HANDLERS: dict[type[ast.stmt], Callable[[Machine, Any], Flow]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.If: _if,
    ast.Match: _match,
    ast.For: loops.run_for,
    ast.AsyncFor: loops.run_for,
    ast.While: loops.run_while,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Expr: _expression,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Assert: _assert,
}
__all__ = ["Place", "assign", "branch", "make_function", "run_block"]
