"""Method calls on library objects, parameters, tensors, collections, text, and values of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reglint.reader import attributes, averages, calls, collections, containers, iteration, masks, modules
from reglint.reader.domain import (
    NONE,
    PARAMETER_NAME,
    Arguments,
    Bound,
    Collection,
    Each,
    External,
    Function,
    Iteration,
    Obj,
    Param,
    Params,
    Tuple,
    new_list,
)
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import (
    AttributeSet,
    Backward,
    Blended,
    Cleared,
    EpochSet,
    Event,
    GradientHook,
    GradientRead,
    LibraryCall,
    ModeSet,
    Scheduled,
    StateLoaded,
    StateRead,
    Stepped,
    SteppedByHand,
    Unscaled,
)
from reglint.step.values import Const, Expr, Phi, Unknown, Value

# Moves and casts: the result holds the same numbers and the same gradient path.
SAME = frozenset(
    """
    to cuda cpu float double half bfloat16 type type_as contiguous clone view reshape squeeze unsqueeze permute transpose
    flatten expand expand_as t requires_grad_ long view_as
    """.split()
)
STRING_METHODS = frozenset(
    {
        "lower",
        "upper",
        "strip",
        "split",
        "startswith",
        "endswith",
        "replace",
        "join",
        "lstrip",
        "rstrip",
        "title",
        "count",
        "find",
        "rfind",
        "rsplit",
    }
)


def call(m: Machine, target: Value, name: str, args: Arguments, place: Place) -> Value:
    """`target.name(...)`."""
    target = m.resolve(target)
    if name == "set_epoch":
        m.emit(EpochSet, place, target=target)
    match target:
        case Phi():
            return m.each_alternative(target, lambda one: call(m, one, name, args, place))
        case Obj() if name.startswith("super."):
            return _super(m, target, name.removeprefix("super."), args, place)
        case Obj():
            target.settle()
            return of_object(m, target, name, args, place)
        case Params():
            return _of_params(m, target, name, args, place)
        case Collection() | Tuple():
            return collections.call(m, target, name, args, place)
        case Const(value=str()):
            return _of_text(m, target, name, args, place)
        case Function():
            return Expr("call", (target, *args.positional), args.keywords, place, name)
        case _:
            return of_tensor(m, target, name, args, place)


def _super(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    """`super().method(...)` that reaches a library class."""
    if name == "__init__":
        from reglint.reader import library

        library.construct_base(m, obj, args, place)
        return NONE
    if name == "train" and obj.state.get("module"):
        _set_mode_of(m, obj, args.positional[0] if args.positional else args.keywords.get("mode", Const(True)), place)
        return obj
    if name == "__setattr__" and len(args.positional) == 2 and isinstance(args.positional[0], Const):
        attributes.put(m, obj, str(args.positional[0].value), args.positional[1], place)
        return NONE
    return of_object(m, obj, name, args, place)


# -- library objects ---------------------------------------------------------------------------------------------------


def of_object(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    """A method that the project does not define, on an instance."""
    from reglint.reader.library import accelerate

    if obj.state.get("module"):
        return _of_module(m, obj, name, args, place)
    if obj.state.get("optimizer"):
        return _of_optimizer(m, obj, name, args, place)
    if name == "zero_grad":
        m.emit(Cleared, place, uid=obj.uid, target=obj, kind="optimizer")  # a wrapper that never called its base's constructor
        return NONE
    if obj.state.get("scheduler"):
        if name == "step":
            optimizer = obj.attrs.get("optimizer")
            given = (*args.positional, *args.keywords.values())
            owner = modules.identity(m, optimizer) if optimizer else 0
            m.emit(Scheduled, place, scheduler=obj.uid, kind=obj.library, optimizer=owner, arguments=given)
            return NONE
        if name == "get_lr":
            m.emit(
                LibraryCall, place, name="torch.optim.lr_scheduler.LRScheduler.get_lr", positional=args.positional, keywords=args.keywords,
                result=NONE,
            )  # fmt: skip
        return Expr("call", (obj, *args.positional), {}, place, name)
    if obj.state.get("scaler"):
        return _of_scaler(m, obj, name, args, place)
    if obj.library == accelerate.NAME:
        return accelerate.method(m, obj, name, args, place)
    if obj.library == "argparse.ArgumentParser" or "options" in obj.state:
        return _of_parser(m, obj, name, args, place)
    if obj.state.get("loss") and name in ("to", "cuda", "cpu", "double", "float", "half", "train", "eval"):
        return obj
    if obj.state.get("loss") and name in ("parameters", "named_parameters"):
        return Params("criterion.parameters()", (obj,), (), name.startswith("named"))
    if obj.library == "torch.utils.data.DataLoader" and name == "__iter__":
        return obj
    if name in ("items", "values", "keys") and obj.library == "argparse.Namespace":
        return iteration.element_of_unknown(obj)
    calls.escape(m, args, place)
    if name in ("train", "eval"):
        modules.forget_mode(m, obj)  # perhaps a module, of a base that was not found
    if obj.cls is not None and name in ("parameters", "named_parameters"):
        return Params("parameters()", (obj,), None, name.startswith("named"), True)
    return Expr("call", (obj, *args.positional), args.keywords, place, name)


def _set_mode_of(m: Machine, obj: Obj, mode: Value, place: Place) -> None:
    modules.set_mode(m, obj, m.truth(mode), place)


def _of_module(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    match name:
        case "train":
            own = _own_mode_method(m, obj)
            mode = args.positional[0] if args.positional else args.keywords.get("mode", Const(True))
            if own is not None:
                return calls.call(m, own, args, place)
            _set_mode_of(m, obj, mode, place)
            return obj
        case "eval":
            own = _own_mode_method(m, obj)
            if own is not None:  # nn.Module.eval() is self.train(False)
                calls.call(m, own, Arguments((Const(False),), {}), place)
                return obj
            modules.set_mode(m, obj, False, place)
            return obj
        case "parameters" | "named_parameters":
            label = f"{_spelling(place)}"
            return modules.parameter_set(m, obj, name.startswith("named"), label)
        case "to" | "cuda" | "cpu" | "float" | "double" | "half" | "bfloat16" | "type" | "to_empty" | "share_memory" | "compile":
            return obj
        case "zero_grad":
            m.emit(Cleared, place, uid=modules.unwrap(obj).uid, target=obj, kind="module")
            return NONE
        case "requires_grad_":
            flag = args.positional[0] if args.positional else Const(True)
            truth = m.truth(flag)
            for _, param in modules.parameters(m, obj)[0]:
                m.write(param.state, "requires_grad", truth)
            return obj
        case "modules" | "children" | "named_modules" | "named_children":
            m.emit(StateRead, place, uid=modules.unwrap(obj).uid, what=name)
            return _submodules(m, obj, name)
        case "apply":
            function = args.positional[0] if args.positional else None
            if isinstance(function, (Function, Bound)):
                _apply(m, obj, function, place)
            return obj
        case "add_module" | "register_module" | "register_parameter":
            what = "param" if name == "register_parameter" else "module"
            given = dict(zip(("name", what), args.positional, strict=False)) | args.keywords
            if given.keys() == {"name", what}:
                _register(m, obj, given["name"], given[what])
                return NONE
        case "register_buffer" if len(args.positional) >= 2 and isinstance(args.positional[0], Const):
            m.write(obj.attrs, str(args.positional[0].value), Expr("buffer", args.positional[1:2], {}, place))
            return NONE
        case "append" | "extend" | "insert" | "update" if obj.library in modules.LIST_CONTAINERS | modules.DICT_CONTAINERS:
            return _extend(m, obj, name, args)
        case "pop" if containers.is_container(obj):
            return containers.remove(m, obj, args.positional[0] if args.positional else Const(-1))
        case "clear" if containers.is_container(obj):
            containers.clear(m, obj)
            return NONE
        case "items" | "values" | "keys" if obj.library in modules.DICT_CONTAINERS:
            return _entries(obj, name)
        case "register_full_backward_hook" | "register_backward_hook" | "register_forward_hook" | "register_forward_pre_hook":
            _run_hook(m, args.positional[0] if args.positional else None, name, place, obj)
            return Unknown("a hook handle")
        case "load_state_dict":
            m.emit(StateLoaded, place, uid=modules.unwrap(obj).uid, target=obj)
            return Expr("call", (obj,), {}, place, name)
        case "state_dict" | "buffers" | "named_buffers" | "get_submodule" | "get_parameter":
            m.emit(StateRead, place, uid=modules.unwrap(obj).uid, what=name)
            return Expr("call", (obj,), {}, place, name)
        case "forward" | "__call__":
            return modules.forward(m, obj, args, place)
    if obj.state.get("wrapped") is not None and isinstance(obj.state["wrapped"], Obj):
        if name == "update_parameters" and obj.state.get("averages") and args.positional:
            m.emit(Blended, place, module=modules.info(m, obj), target=obj, source=args.positional[0])
        return Expr("call", (obj, *args.positional), args.keywords, place, name)
    calls.escape(m, args, place)
    if obj.state.get("unresolved") or obj.state.get("unknown_base") or obj.library not in modules.MODULE_BASES:
        # A method of a class that is not known: it may switch the mode.
        if not name.startswith(("get_", "forward", "encode", "decode", "save", "print", "log")):
            modules.forget_mode(m, obj)
    return Expr("call", (obj, *args.positional), args.keywords, place, name)


def _own_mode_method(m: Machine, obj: Obj) -> Bound | None:
    found = attributes.of_class(m, obj.cls, "train", obj) if obj.cls is not None else None
    return found if isinstance(found, Bound) and found.function.node not in m.active else None


def _spelling(place: Place) -> str:
    lines = place.source.lines
    node = place.node
    if node.end_lineno == node.lineno and 0 < node.lineno <= len(lines):
        return lines[node.lineno - 1].encode()[node.col_offset : node.end_col_offset].decode(errors="ignore")
    return "parameters()"


def _submodules(m: Machine, obj: Obj, name: str) -> Value:
    if "children" in name:
        found = [(n, v) for n, v in modules.direct(obj) if isinstance(v, Obj) and v.state.get("module")]
    else:
        found = [(n, v) for n, v in modules.walk(obj)]
    if not modules.resolved(m, obj):
        return Iteration(
            "other", Tuple((Unknown("a name"), Unknown("a submodule"))) if name.startswith("named") else Unknown("a submodule")
        )
    if len(found) > iteration.EXACT_MODULES:
        kinds = {v.library if v.cls is None else id(v.cls): (n, v) for n, v in found}  # one module of each class stands for all
        items = [Tuple((Unknown("a name"), v)) if name.startswith("named") else v for n, v in kinds.values()]
        return new_list(tuple(items), True)
    return new_list(tuple(Tuple((Const(n), v)) if name.startswith("named") else v for n, v in found))


def _apply(m: Machine, obj: Obj, function: Value, place: Place) -> None:
    """model.apply(f): f on each module, or on one of each class where there are many."""
    seen: set[object] = set()
    below = list(modules.walk(obj))
    for _, one in below:
        kind = one.library if one.cls is None else id(one.cls)
        if kind not in seen or len(below) <= iteration.EXACT_MODULES:
            seen.add(kind)
            calls.call(m, function, Arguments((one,), {}), place)


def _register(m: Machine, obj: Obj, name: Value, value: Value) -> None:
    value = m.resolve(value)
    if isinstance(name, Const) and isinstance(name.value, str):
        if obj.cls is None or containers.is_container(obj):
            modules.add_children(m, obj, {name.value: value})
        else:
            modules.adopt(m, obj, name.value, value)
            m.write(obj.attrs, name.value, value)
    else:
        modules.add_children(m, obj, {f"<{m.serial()}>": value}, True)


def _extend(m: Machine, obj: Obj, name: str, args: Arguments) -> Value:
    value = m.resolve(args.positional[-1]) if args.positional else Unknown("nothing")
    if name == "insert" and len(args.positional) == 2:
        containers.insert(m, obj, args.positional[0], value)
    elif name == "append":
        modules.add_children(m, obj, [value])
    elif isinstance(value, Collection) and value.kind == "dict":
        modules.add_children(m, obj, value.items, value.open)
    elif isinstance(value, (Tuple, Collection)):
        modules.add_children(m, obj, list(value.items), isinstance(value, Collection) and value.open)
    elif isinstance(value, Obj) and value.state.get("children"):
        modules.add_children(m, obj, list(value.state["children"].values()))
    else:
        modules.add_children(m, obj, [], True)
    return obj


def _entries(obj: Obj, name: str) -> Value:
    children = obj.state.get("children") or {}
    pairs = [Tuple((Const(k), v)) for k, v in children.items()]
    if name == "items":
        return new_list(tuple(pairs))
    return new_list(tuple(v for v in children.values()) if name == "values" else tuple(Const(k) for k in children))


def _run_hook(m: Machine, function: Value | None, kind: str, place: Place, owner: Value) -> None:
    """Evaluate a hook where it is registered: what it does to gradients matters, when it does it does not."""
    if isinstance(function, (Function, Bound)):
        m.emit(GradientHook, place, kind=kind, entering=True)
        calls.call(m, function, Arguments((owner, Unknown("a gradient"), Unknown("a gradient")), {}), place)
        m.emit(GradientHook, place, kind=kind, entering=False)


# -- optimizers and scalers --------------------------------------------------------------------------------------------


def _of_optimizer(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    match name:
        case "step":
            closure = next((a for a in args.positional if isinstance(a, (Function, Bound))), args.keywords.get("closure"))
            has_closure = isinstance(closure, (Function, Bound))
            if has_closure:
                assert closure is not None
                calls.call(m, closure, Arguments((), {}), place)
            m.emit(Stepped, place, optimizer=obj.uid, target=obj, closure=has_closure)
            return NONE
        case "zero_grad":
            m.emit(Cleared, place, uid=obj.uid, target=obj, kind="optimizer")
            return NONE
        case "add_param_group":
            from reglint.reader.library import torch_optim

            torch_optim.add_group(m, obj, m.resolve(args.positional[0]) if args.positional else Unknown("no group"))
            return NONE
        case "load_state_dict":
            m.emit(StateLoaded, place, uid=obj.uid, target=obj)
            return NONE
        case _:
            return Expr("call", (obj, *args.positional), args.keywords, place, name)


def _of_scaler(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    from reglint.reader.library import torch_optim

    uid = obj.uid if torch_optim.is_scaling(obj) else 0
    first = m.resolve(args.positional[0]) if args.positional else Unknown("no argument")
    match name:
        case "scale":
            return Expr("scaled", (first, obj), {}, place)
        case "step":  # of several optimizers those that their own methods are followed for: clearing and stepping must match
            identity = modules.identity
            return m.each_alternative(first, lambda one: _emit(m, Stepped, place, optimizer=identity(m, one), target=one, scaler=uid))
        case "unscale_":
            return m.each_alternative(first, lambda one: _emit(m, Unscaled, place, scaler=uid, optimizer=modules.identity(m, one)))
        case _:
            return Expr("call", (obj,), {}, place, name)


def _emit(m: Machine, event: type[Event], place: Place, **facts: Any) -> Value:
    m.emit(event, place, **facts)
    return NONE


def _of_parser(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    from reglint.reader.library import options

    match name:
        case "add_argument" | "add":
            return options.add_argument(m, obj, args, place)
        case "parse_args" | "parse":
            return options.parse_args(m, obj, False, place)
        case "parse_known_args":
            return options.parse_args(m, obj, True, place)
        case "add_argument_group" | "add_mutually_exclusive_group" | "add_subparsers":
            return obj
        case "add_parser":
            return options.subparser(obj, place)
        case "set_defaults":
            options.set_defaults(m, obj, args)
            return NONE
        case _:
            return Expr("call", (obj,), {}, place, name)


# -- parameters and tensors --------------------------------------------------------------------------------------------


def _of_params(m: Machine, params: Params, name: str, args: Arguments, place: Place) -> Value:
    if name in ("append", "extend", "__add__") and args.positional:
        return NONE
    if name == "__next__":
        return iteration.element(m, params)
    return Expr("call", (params, *args.positional), args.keywords, place, name)


def of_tensor(m: Machine, target: Value, name: str, args: Arguments, place: Place) -> Value:
    """A method of a tensor, or of something that may be one."""
    if is_gradient(target):
        m.emit(GradientRead, place, target=target, method=name)
        if name == "zero_":
            m.emit(Cleared, place, uid=0, target=target, kind="gradient")
    if name in ("dim", "ndimension") and isinstance(target, Param) and target.ndim is not None:
        return Const(target.ndim)
    special = _ACTING.get(name)
    if special is not None:
        found = special(m, target, args, place)
        if found is not None:
            return found
    if name in ("parameters", "named_parameters") and isinstance(target, (Unknown, Expr)):
        return Params(_spelling(place), (target,), None, name.startswith("named"))
    if isinstance(target, Each) and target.aspect == "name":
        return Expr("call", (target, *args.positional), args.keywords, place, name)
    if name in SAME:
        if isinstance(target, (Param, Each)):
            if name == "requires_grad_":
                return _require(m, target, args, place)
            if isinstance(target, Each) or name in ("float", "cpu", "contiguous"):
                return target  # already in that form: the very same object
            return Expr("same", (target,), {}, place, name)  # a tensor, no Parameter
        if name == "requires_grad_":
            flag = args.positional[0] if args.positional else args.keywords.get("requires_grad", Const(True))
            m.emit(AttributeSet, place, target=target, name="requires_grad", value=flag, augmented=False, on="tensor")
            from reglint.reader.library import tensors

            made = tensors.plain(target, place) if isinstance(flag, Const) and flag.value is True else None
            if made is not None:
                return made
        if isinstance(target, Unknown):
            return target
        return Expr("same", (target,), {}, place, name)
    if isinstance(target, External):
        return Expr("call", args.positional, args.keywords, place, f"{target.name}.{name}")
    calls.escape(m, args, place)
    return Expr(name, (target, *args.positional), args.keywords, place)


def is_gradient(value: Value) -> bool:
    """Is it `x.grad` or `x.grad.data`?"""
    if isinstance(value, Expr) and (value.op == "data" or (value.op == "attribute" and value.name == "data")) and value.args:
        value = value.args[0]
    return isinstance(value, Expr) and (value.op == "grad" or (value.op == "attribute" and value.name == "grad"))


def _require(m: Machine, target: Param | Each, args: Arguments, place: Place) -> Value:
    flag = args.positional[0] if args.positional else Const(True)
    attributes.put(m, target, "requires_grad", flag, place)
    return target


def _backward(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    retain = args.keywords.get("retain_graph")
    scaler = 0
    loss = target
    if isinstance(target, Expr) and target.op == "scaled":
        holder = target.args[1]
        from reglint.reader.library import torch_optim

        scaler = modules.identity(m, holder)
        if isinstance(holder, Obj) and not torch_optim.is_scaling(holder):
            scaler = 0
        loss = target.args[0]
    seeded = bool(args.positional) or "gradient" in args.keywords
    m.emit(Backward, place, loss=loss, scaler=scaler, retain=isinstance(retain, Const) and bool(retain.value), seeded=seeded)
    return NONE


def stepped_by_hand(m: Machine, target: Value, change: Value, minus: bool, place: Place) -> None:
    """`w -= lr * w.grad` and its like: recorded where the change holds a gradient."""
    stack, steps = [change], 0
    while stack and steps < 40:
        top = stack.pop()
        steps += 1
        if isinstance(top, Expr) and not is_gradient(target):
            if top.op == "grad" or (top.op == "attribute" and top.name == "grad"):
                m.emit(SteppedByHand, place, target=target, change=change, minus=minus)
                return
            stack.extend(top.args)


def _shift(minus: bool) -> Callable[[Machine, Value, Arguments, Place], Value | None]:
    def run(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
        if args.positional:
            scale = args.keywords.get("alpha", args.positional[0] if len(args.positional) == 2 else None)  # `add_(-lr, grad)` is older
            change = args.positional[-1] if scale is None else Expr("mul", (scale, args.positional[-1]), {}, place)
            stepped_by_hand(m, target, change, minus, place)
            averages.note(m, target, args.positional[-1], place)
        return None

    return run


def _mixed(whole: bool) -> Callable[[Machine, Value, Arguments, Place], Value | None]:
    def run(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
        if args.positional:
            averages.note(m, target, args.positional[0], place, whole)
        return None

    return run


def _product(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    if args.positional:
        masks.note(m, target, args.positional[0], place)
    return None


def _name_hint(target: Value) -> str:
    if isinstance(target, Unknown):
        return target.name.lower()
    if isinstance(target, Expr):
        if target.op in ("attribute", "call"):
            return target.name.rpartition(".")[2].lower()
        if target.op in ("getitem", "element") and target.args:
            return _name_hint(target.args[0])
    return ""


def _step(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    hint = _name_hint(target)
    if "sched" in hint:
        m.emit(Scheduled, place, scheduler=modules.identity(m, target), kind="", optimizer=0, arguments=args.positional)
        return NONE
    if "optim" in hint or hint in ("opt", "optimizer", "trainer"):
        closure = next((a for a in args.positional if isinstance(a, (Function, Bound))), None)
        if closure is not None:
            calls.call(m, closure, Arguments((), {}), place)
        m.emit(Stepped, place, optimizer=modules.identity(m, target), target=target, closure=closure is not None)
        return NONE
    if "scaler" in hint and args.positional:
        m.emit(
            Stepped, place, optimizer=modules.identity(m, args.positional[0]), target=args.positional[0], scaler=modules.identity(m, target)
        )
        return NONE
    return None


def _clear(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    m.emit(Cleared, place, uid=modules.identity(m, target), target=target, kind="unknown")
    return NONE


def _mode(training: bool) -> Callable[[Machine, Value, Arguments, Place], Value | None]:
    def run(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
        if (args.positional and not isinstance(args.positional[0], Const)) or len(args.positional) > 1 or isinstance(target, External):
            return None  # a method of its own that happens to be called so
        flag = m.truth(args.positional[0]) if args.positional else training
        m.emit(ModeSet, place, module=None, target=target, training=flag)
        return target

    return run


def _unscale(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    first = args.positional[0] if args.positional else Unknown("no optimizer")
    m.emit(Unscaled, place, scaler=modules.identity(m, target), optimizer=modules.identity(m, first))
    return NONE


def _scale(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    if "scaler" in _name_hint(target) and args.positional:
        return Expr("scaled", (args.positional[0], target), {}, place)
    return None


def _register_hook(m: Machine, target: Value, args: Arguments, place: Place) -> Value | None:
    _run_hook(m, args.positional[0] if args.positional else None, "tensor", place, Unknown("a gradient"))
    return Unknown("a hook handle")


_ACTING: dict[str, Callable[[Machine, Value, Arguments, Place], Value | None]] = {
    "backward": _backward,
    "step": _step,
    "zero_grad": _clear,
    "eval": _mode(False),
    "train": _mode(True),
    "unscale_": _unscale,
    "scale": _scale,
    "register_hook": _register_hook,
    "sub_": _shift(True),
    "add_": _shift(False),
    "lerp_": _mixed(False),
    "copy_": _mixed(True),
    "mul": _product,
    "mul_": _product,
}


# -- text -------------------------------------------------------------------------------------------------------------


def _of_text(m: Machine, target: Const, name: str, args: Arguments, place: Place) -> Value:
    if target.origin is PARAMETER_NAME and name in ("startswith", "endswith", "count") and args.positional:
        words = args.positional[0].items if isinstance(args.positional[0], Tuple) else args.positional[:1]
        m.name_words.update(w.value for w in words if isinstance(w, Const) and isinstance(w.value, str))
    if name in STRING_METHODS and all(isinstance(a, Const) for a in args.positional):
        try:
            result = getattr(target.value, name)(*[a.value for a in args.positional if isinstance(a, Const)])
        except (TypeError, ValueError):
            return Unknown("a text method that raises")
        if isinstance(result, list):
            return new_list(tuple(Const(r, target.origin) for r in result))
        if target.adjustable and isinstance(result, bool):
            return Expr("call", (target, *args.positional), {}, place, name)
        return Const(result, target.origin)
    if name in ("startswith", "endswith") and args.positional and isinstance(args.positional[0], Tuple):
        options = [a.value for a in args.positional[0].items if isinstance(a, Const) and isinstance(a.value, str)]
        if len(options) == len(args.positional[0].items) and isinstance(target.value, str):
            return Const(getattr(target.value, name)(tuple(options)))
    if name == "join" and args.positional:
        parts = m.resolve(args.positional[0])
        if isinstance(parts, (Tuple, Collection)) and all(isinstance(p, Const) and isinstance(p.value, str) for p in parts.items):
            return Const(str(target.value).join(str(p.value) for p in parts.items if isinstance(p, Const)))
    return Expr("call", (target, *args.positional), args.keywords, place, name)


__all__ = ["call", "replace"]
