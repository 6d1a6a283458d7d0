"""Calls: functions of the project are inlined, classes instantiated, everything else goes to reader/library."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from contextlib import nullcontext

from reglint.knowledge.schedulers import SCHEDULER_BASES, scheduler
from reglint.reader import attributes, binding, quiet
from reglint.reader.domain import (
    NONE,
    Arguments,
    Bound,
    ClassValue,
    Collection,
    External,
    Function,
    Iteration,
    Method,
    Obj,
    Param,
    Params,
    PartialCall,
    Scope,
    Tuple,
    new_list,
)
from reglint.reader.journal import join_values
from reglint.reader.machine import MAX_DEPTH, Activation, Machine
from reglint.source import Place
from reglint.step.conditions import All
from reglint.step.trace import Escaped, Frame, Guard, Logged
from reglint.step.values import Condition, Const, Expr, Origin, OriginKind, Phi, Unknown, Value

SHORT = 20  # lines of a decorator that is followed whatever it says
MAX_RECURSION = 2  # the same function on the stack more often than this is not followed
LOGGERS = frozenset("print info log add_scalar add_scalars log_dict log_metric log_metrics scalar_summary write".split())
NO_GRAD = frozenset({"torch.no_grad", "torch.inference_mode"})


def call(m: Machine, function: Value, args: Arguments, place: Place) -> Value:
    """The value of calling `function`; carries out its effects on the machine's state."""
    function = m.resolve(function)
    _note_logged(m, function, args, place)
    match function:
        case Function():
            return call_function(m, function, args, place)
        case Bound():
            bound = Arguments((function.self, *args.positional), args.keywords, args.extra)
            return call_function(m, function.function, bound, place)
        case ClassValue():
            member = attributes.enum_member(function, args)
            return member if member is not None else instantiate(m, function, args, place)
        case External():
            from reglint.reader import library

            return library.call(m, function.name, args, place)
        case Method():
            from reglint.reader import methods

            return methods.call(m, function.self, function.name, args, place)
        case PartialCall():
            merged = Arguments((*function.args, *args.positional), {**function.keywords, **args.keywords}, args.extra)
            return call(m, function.function, merged, place)
        case Obj():
            return call_object(m, function, args, place)
        case Phi():
            return m.each_alternative(function, lambda one: call(m, one, args, place))
        case Expr(op="attribute") if function.args:
            from reglint.reader import methods

            return methods.call(m, function.args[0], function.name, args, place)
        case _:
            escape(m, args, place)
            return Expr("call", (function, *args.positional), args.keywords, place, _name_of(function))


def _note_logged(m: Machine, function: Value, args: Arguments, place: Place) -> None:
    """`print(loss.item())`, `writer.add_scalar("loss", loss)`: what is shown of losses."""
    known = isinstance(function, (External, Method)) or (isinstance(function, Expr) and function.op == "attribute")
    if not known or function.name.rpartition(".")[2] not in LOGGERS or function.name.startswith(("torch.", "math.", "numpy.")):  # type: ignore[attr-defined]
        return
    from reglint.reader.objective import leaves

    given = (*args.positional, *args.keywords.values())
    dicts = [value for value in given if isinstance(value, Collection) and value.kind == "dict"]
    shown = (*(v for v in given if v not in dicts), *(v for d in dicts for v in d.items.values()))
    if any(isinstance(leaf, Expr) and leaf.op == "criterion" for value in shown if isinstance(value, Expr) for leaf in leaves(value, True)):
        m.emit(Logged, place, values=shown)


def _name_of(function: Value) -> str:
    return function.name if isinstance(function, (Unknown, Expr)) else ""


def escape(m: Machine, args: Arguments, place: Place) -> None:
    """Objects handed to unknown code: their mode is unknown from here on, and the code may step or clear gradients."""
    from reglint.reader import modules

    given: list[Obj] = []
    for value in (*args.positional, *args.keywords.values()):
        for part in value.items if isinstance(value, Tuple) else (value,):
            part = m.resolve(part)
            if isinstance(part, Obj) and (part.cls is not None or part.state.keys() & {"module", "optimizer", "scheduler"}):
                given.append(part)
    for obj in given:
        if obj.state.get("module"):
            modules.forget_mode(m, obj)
    if given:
        m.emit(Escaped, place, uids=frozenset(o.uid for o in given))


def call_object(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    """`obj(...)`: a model's forward, a loss, or a class's `__call__`."""
    from reglint.reader import library, modules

    if obj.state.get("module") and obj.library not in library.LOSS_CLASSES:
        return modules.forward(m, obj, args, place)
    if obj.cls is not None:
        method = attributes.of_class(m, obj.cls, "__call__", obj)
        if method is None and (obj.library or obj.state.get("unknown_base")):
            method = attributes.of_class(m, obj.cls, "forward", obj)
        if method is not None:
            return call(m, method, args, place)
    if obj.library:
        return library.call_instance(m, obj, args, place)
    escape(m, args, place)
    return Expr("call", (obj, *args.positional), args.keywords, place)


def worth_following(m: Machine, decorator: Function) -> bool:
    """Is a decorator short, as most wrappers are, or does it say something of training? Others are taken to keep the meaning."""
    node = decorator.node
    if isinstance(node, ast.Lambda):
        return True
    return (node.end_lineno or node.lineno) - node.lineno < SHORT or m.project.facts.matters(decorator.env, node)


def call_function(m: Machine, function: Function, args: Arguments, place: Place | None, root: bool = False) -> Value:
    """Inline a function of the project: bind its parameters, run its body, join what it returns."""
    node = function.node
    if m.idle:
        return Unknown("a call in a branch that is never taken")
    if len(m.frames) >= MAX_DEPTH or sum(n is node for n in m.active) >= MAX_RECURSION:
        return _left_out(m, function, args, place, "the call nests too deeply")
    if not root and not binding.accepts(function, args, place):
        return _left_out(m, function, args, place, f"{function.name} takes fewer arguments: the call raises")
    if quiet.makes_a_module(function, args):
        with m.quiet.for_a_module(m):
            return _weighed(m, function, args, place, root)
    return _weighed(m, function, args, place, root)


def _weighed(m: Machine, function: Function, args: Arguments, place: Place | None, root: bool) -> Value:
    """Inline a function unless it says nothing of training and has said so often enough."""
    node = function.node
    at = quiet.key(m, function, args)
    if at is None and (m.home is None or function.env is m.home):
        m.changes += m.project.facts.changes(node)
        return _inline(m, function, args, place, root)
    if at in m.quiet.known:
        return Unknown(f"what {function.name} gives") if m.quiet.known[at] else NONE
    if m.quiet.is_lost(id(node), quiet.has_module(args)):
        _keep(m, function, args)
        return _left_out(m, function, args, place, f"{function.name} prepares data, as far as can be seen, and was evaluated often enough")
    before = (len(m.events), m.changes)
    m.changes += m.project.facts.changes(node)
    with m.quiet.spending(m, id(node)):
        result = _inline(m, function, args, place, root)
    if at is not None and (len(m.events), m.changes) == before and quiet.says_nothing(result):
        m.quiet.known[at] = result is not NONE
    return result


def _left_out(m: Machine, function: Function, args: Arguments, place: Place | None, reason: str) -> Value:
    """The result of a function that is not evaluated; a module that it should have set up is made, with parts that are not known."""
    if place is not None:
        escape(m, args, place)
    for given in (*args.positional, *args.keywords.values()):
        if isinstance(given, Collection) and m.project.facts.changes(function.node):
            m.write(given.attrs, "open", True)  # it may have been filled
    first = m.resolve(args.positional[0]) if args.positional else None
    if isinstance(first, Obj) and quiet.makes_a_module(function, args):
        m.write(first.state, "initialised", True)
        m.write(first.state, "unresolved", True)
    return Unknown(reason)


def _keep(m: Machine, function: Function, args: Arguments) -> None:
    """A constructor that is not evaluated still keeps what it is given: `self.settings = settings` takes no patience."""
    first = m.resolve(args.positional[0]) if args.positional else None
    if not isinstance(first, Obj) or isinstance(function.node, ast.Lambda) or function.node.name != "__init__":
        return
    if first.state.get("module"):
        return  # parts of a module are more than attributes
    kept = m.project.facts.kept(function.node)
    scope = Scope(function.env, function.scope)
    binding.bind(m, function, args, scope, False)
    for attribute, parameter in kept:
        m.write(first.attrs, attribute, scope.vars[parameter])


def _inline(m: Machine, function: Function, args: Arguments, place: Place | None, root: bool) -> Value:
    node = function.node
    scope = Scope(function.env, function.scope)
    binding.bind(m, function, args, scope, root)
    first = args.positional[0] if args.positional else None
    owner_module = first.uid if function.owner is not None and isinstance(first, Obj) else 0
    frame = Frame(function.env.source.path, function.name, place, m.serial(), False, owner_module)
    outer = m.activation, m.guards, m.frames, m.loop_exits
    m.activation = Activation(function, m.guards)
    if function.owner is not None and args.positional:
        m.activation.self_value, m.activation.owner = args.positional[0], function.owner
    elif outer[0].self_value is not None and function.owner is None:
        m.activation.self_value, m.activation.owner = outer[0].self_value, outer[0].owner  # a closure inside a method
    m.frames = (*m.frames, frame)
    m.loop_exits = []
    m.active.append(node)
    if not m.muted:
        m.covered.add((function.env.source.path, function.name))
    try:
        with m.inside(scope), _gradient(m, function):
            return _run_body(m, function)
    finally:
        m.active.pop()
        m.activation, m.guards, m.frames, m.loop_exits = outer


def _gradient(m: Machine, function: Function):  # type: ignore[no-untyped-def]
    for decorator in function.decorators:
        name = decorator.name if isinstance(decorator, External) else decorator.library if isinstance(decorator, Obj) else ""
        if name in NO_GRAD:
            return m.gradient(False)
        if name == "torch.enable_grad":
            return m.gradient(True)
    return nullcontext()


def _run_body(m: Machine, function: Function) -> Value:
    from reglint.reader.expressions import evaluate
    from reglint.reader.statements import run_block

    node = function.node
    activation = m.activation
    if isinstance(node, ast.Lambda):
        return evaluate(m, node.body)
    flow = run_block(m, node.body)
    if flow is None and activation.returns:
        activation.returns.append((m.guards, NONE))
    for left in reversed(activation.left):
        m.journal.rejoin(left)
    if activation.yields:
        several = len(activation.yields) > 1 and any(isinstance(v, Const) for v in activation.yields)
        return Iteration("other", Unknown("one of several values that are yielded") if several else activation.yields[0], function.name)
    return _returned(m, activation)


def _returned(m: Machine, activation: Activation) -> Value:
    """Join the returned values by the conditions under which each was returned."""
    result: Value | None = None
    base = len(activation.guards)
    for guards, value in reversed(activation.returns):
        own = guards[base:]
        if result is None:
            result = value
            continue
        if not own:
            result = value
            continue
        condition, outcome = _joint(own)
        result = join_values(condition, value, result) if outcome else join_values(condition, result, value)
    return result if result is not None else NONE


def _joint(guards: tuple[Guard, ...]) -> tuple[Condition, bool]:
    if len(guards) == 1:
        only = guards[0]
        return Condition(only.key, only.text, None, only.default), only.outcome
    agreeing = [g.default == g.outcome if g.default is not None else None for g in guards]
    default = False if False in agreeing else (None if None in agreeing else True)
    return Condition(All(tuple((g.key, g.outcome) for g in guards)), "", None, default), True


def instantiate(m: Machine, cls: ClassValue, args: Arguments, place: Place) -> Obj:
    """Make an instance of a project class and run its constructor."""
    obj = Obj(cls, "", {}, place)
    construct(m, obj, cls, args, place)
    return obj


def construct(m: Machine, obj: Obj, cls: ClassValue, args: Arguments, place: Place, root: bool = False) -> None:
    """Run the constructor on a new instance."""
    from reglint.reader import library, modules, on_demand

    base = attributes.library_base(cls)
    obj.library = "" if base == "?" else base
    obj.state["unknown_base"] = base == "?"
    modules.prepare(m, obj)
    if cls.is_dataclass and "__init__" not in cls.attrs:  # dataclass() keeps a constructor that is written out
        _fill_fields(m, cls, obj, args, root)
        return
    init = attributes.of_class(m, cls, "__init__", obj)
    if isinstance(init, Bound):
        bound = Arguments((obj, *args.positional), args.keywords, args.extra)
        if not root and on_demand.may_wait(m, obj, cls, args):
            on_demand.wait(m, obj, cls, init.function, bound, place)
        else:
            call_function(m, init.function, bound, place, root)
    elif obj.library:
        library.construct_base(m, obj, args, place)
    if obj.library in SCHEDULER_BASES or scheduler(obj.library) is not None:
        # torch calls what the class overrides in an order of its own: it may step whatever schedulers the class was given.
        given = frozenset(v.uid for v in obj.attrs.values() if isinstance(v, Obj) and v.state.get("scheduler"))
        if given:
            m.emit(Escaped, place, uids=given)


def _fill_fields(m: Machine, cls: ClassValue, obj: Obj, args: Arguments, root: bool) -> None:
    fields: dict[str, Value | None] = {}
    for one in reversed(list(attributes.linearized(cls))):
        fields.update(one.fields)
    given = dict(zip(fields, args.positional, strict=False)) | args.keywords
    for name, default in fields.items():
        value = given.get(name, default)
        if value is None:
            value = Unknown(f"field {name} of {cls.name}", name)
        elif (name not in given and isinstance(value, Const) and value.origin is not None and not (root or args.extra)) or (
            name not in given and isinstance(value, Const) and value.origin is not None
        ):
            value = Const(value.value, Origin(OriginKind.FIELD, f"{cls.name}.{name}", value.origin.place))
        m.write(obj.attrs, name, value)
    after = attributes.of_class(m, cls, "__post_init__", obj)
    if isinstance(after, Bound):
        call_function(m, after.function, Arguments((obj,), {}), None)


def check_iterators(m: Machine, values: Iterable[Value]) -> None:
    """Remember that a parameter iterator was handed over: its receiver uses it up."""
    for value in values:
        if isinstance(value, Params) and value.iterator:
            value.state["passed"] = value.state.get("passed", 0) + 1


def is_parameter_like(value: Value) -> bool:
    """A parameter or a list of parameters."""
    return isinstance(value, (Param, Params)) or (isinstance(value, Collection) and any(isinstance(i, Param) for i in value.items))


def as_list(value: Value) -> Value:
    """`list(x)` of what is a list already."""
    if isinstance(value, Tuple):
        return new_list(value.items)
    return value
