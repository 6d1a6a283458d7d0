"""torch.optim and its relatives: optimizers with their groups, schedulers, gradient scalers."""

from __future__ import annotations

import ast
from dataclasses import replace

from reglint.knowledge import optimizers as facts
from reglint.reader import modules
from reglint.reader.domain import Arguments, Collection, Obj, Param, Params, Tuple, new_dict, new_list
from reglint.reader.library.registry import bound, handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import LibraryCall, OptimizerBuilt
from reglint.step.values import ABSENT, Const, Origin, OriginKind, Phi, Unknown, Value, alternatives


def build(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct an optimizer; where its parameters differ by branch, one for each."""
    named = arguments(name, args)
    params = named.get("params", Unknown("no parameters are given"))
    return m.each_alternative(params, lambda one: _build(m, name, {**named, "params": one}, args.extra, place))


def arguments(name: str, args: Arguments) -> dict[str, Value]:
    """The constructor arguments by name; the first is always `params`."""
    known = facts.optimizer(name)
    names = tuple(a.name for a in known.signature.arguments if a.position is not None) if known is not None else ("lr",)
    return bound(args, ("params", *(n for n in names if n != "params")))


def fill(m: Machine, obj: Obj, args: Arguments, place: Place) -> None:
    """The constructor of a library optimizer, called for an instance of a subclass."""
    named = arguments(obj.library, args)
    _fill(m, obj, {"params": Unknown("no parameters are given"), **named}, args.extra, place)


def _build(m: Machine, name: str, named: dict[str, Value], extra: bool, place: Place) -> Obj:
    obj = Obj(None, name, {}, place)
    _fill(m, obj, named, extra, place)
    return obj


def _fill(m: Machine, obj: Obj, named: dict[str, Value], extra: bool, place: Place) -> None:
    given = {k: v for k, v in named.items() if k != "params"}
    name, obj.arguments = obj.library, dict(given)
    obj.state.update(optimizer=True, extra=extra)
    groups = [_group(m, one, given, name, extra) for one in _group_values(m, named["params"])]
    obj.state["initial"] = {id(g): dict(g.items) for g in groups}
    obj.attrs["param_groups"] = new_list(tuple(groups), False, place)
    m.optimizers.append(obj)
    m.emit(OptimizerBuilt, place, optimizer=obj, parameters=named["params"], unused=_unused_groups(m, named["params"]))
    inside = {"params": named["params"], **given}
    m.emit(LibraryCall, place, name=name, positional=(), keywords=inside, result=obj, extra=extra)


def _unused_groups(m: Machine, params: Value) -> tuple[str, ...]:
    """The local variables that hold parameter groups, are not these and are read nowhere in the function."""
    function = m.activation.function
    if (function is None and not m.env.is_main) or any(_is_groups(m, p) for p in alternatives(params)):
        return ()  # other files may read what an imported one binds; and this optimizer has groups
    named = [name for name, value in m.scope.vars.items() if _is_groups(m, value)]
    return tuple(name for name in named if not _is_read(function.node if function is not None else m.env.tree, name))


def _is_groups(m: Machine, value: Value) -> bool:
    items = value.items if isinstance(value, Collection) and value.kind == "list" else ()
    parts = [m.resolve(i) for i in items]
    return bool(parts) and all(isinstance(p, Collection) and p.kind == "dict" and "params" in p.items for p in parts)


def _is_read(node: ast.AST, name: str) -> bool:
    """Is a variable read, other than to append to it?"""
    own = {id(n.value) for n in ast.walk(node) if isinstance(n, ast.Attribute) and n.attr in ("append", "extend")}
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) and id(n) not in own for n in ast.walk(node))


def _group_values(m: Machine, params: Value) -> list[Value]:
    if isinstance(params, Params):
        m.write(params.state, "used", params.state["used"] or params.iterator)
    if isinstance(params, (Collection, Tuple)) and not (isinstance(params, Collection) and params.kind == "dict"):
        parts = [_group_there(m.resolve(i)) for i in params.items]
        if any(isinstance(p, Collection) and p.kind == "dict" for p in parts):
            return parts
    return [params]


def _group_there(value: Value) -> Value:
    """One of a list of groups: where it was appended under a condition, as it is if that holds; of several the first."""
    there = [one for one in alternatives(value) if one is not ABSENT]
    return there[0] if there and isinstance(there[0], Collection) else value


def _group(m: Machine, value: Value, given: dict[str, Value], name: str, extra: bool) -> Collection:
    """A parameter group as torch keeps it: its own keys, then the constructor's, then the class's defaults."""
    own = dict(value.items) if isinstance(value, Collection) and value.kind == "dict" else {"params": value}
    open_ = isinstance(value, Collection) and value.kind == "dict" and value.open
    content: dict[object, Value] = dict(own)
    listed = own.get("params")
    if isinstance(listed, Params) and listed.iterator:
        content["params"] = replace(listed, iterator=False)  # torch makes a list of it
    for option, default in given.items():
        content.setdefault(option, default)
    inherited = [k for k in content if k not in own]
    known = facts.optimizer(name)
    if known is not None and not extra and not open_:
        short = name.rpartition(".")[2]
        for argument in known.signature.arguments:
            if argument.name not in content and not argument.required:
                origin = Origin(OriginKind.LIBRARY, f"{short}({argument.name}=)")
                content[argument.name] = Const(argument.default, origin)
                inherited.append(argument.name)
    group = new_dict(content, open_ or extra, None)
    group.attrs["inherited"] = frozenset(str(k) for k in inherited)
    group.attrs["own"] = frozenset(str(k) for k in own)
    group.attrs["place"] = value.place if isinstance(value, Collection) else None
    return group


def add_group(m: Machine, obj: Obj, group: Value) -> None:
    """optimizer.add_param_group(dict)."""
    made = _group(m, group, obj.arguments, obj.library, bool(obj.state.get("extra")))
    m.write(obj.state, "initial", {**obj.state["initial"], id(made): dict(made.items)})
    for groups in alternatives(m.resolve(obj.attrs["param_groups"])):
        if isinstance(groups, Collection):  # not something unknown that the script has put in its place
            m.write(groups.attrs, "items", (*groups.items, made))


def scheduler(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a learning-rate scheduler."""
    named = bound(args, ("optimizer",))
    obj = Obj(None, name, {"optimizer": named.get("optimizer", Unknown("no optimizer"))}, place, named)
    obj.state["scheduler"] = True
    m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=named, result=obj, extra=args.extra)
    return obj


def fill_scheduler(m: Machine, obj: Obj, args: Arguments) -> None:
    """Construct the base of a scheduler of the project: its numbers mean what the class makes of them, but it sets the rate."""
    named = bound(args, ("optimizer",))
    m.write(obj.attrs, "optimizer", named.get("optimizer", Unknown("no optimizer")))
    m.write(obj.state, "scheduler", True)


@handles("torch.cuda.amp.GradScaler", "torch.amp.GradScaler", "torch.cuda.amp.grad_scaler.GradScaler")
def scaler(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a GradScaler."""
    obj = Obj(None, "torch.amp.GradScaler", {}, place, dict(args.keywords))
    obj.state["scaler"] = True
    m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=dict(args.keywords), result=obj, extra=args.extra)
    return obj


def is_scaling(obj: Obj) -> bool:
    """Can the scaler scale at all (it cannot with enabled=False)?"""
    flag = obj.arguments.get("enabled")
    return not (isinstance(flag, Const) and flag.value is False and not flag.adjustable)


def owned(value: Value) -> Params | None:
    """The parameters of a group's `params`."""
    return modules.as_params(value)


__all__ = ["Param", "Phi", "build", "scheduler"]
