"""nn.Module objects: their submodules, parameters, modes, and what calling them does.

`state` of such an object holds `module` (True), `training` (True, False, None for unknown), `mode_place`,
`children` of containers (names to values), `params` of library layers, and `wrapped` for wrappers such as DataParallel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reglint.knowledge import layers as layer_facts
from reglint.knowledge.factories import TARGETS, Output, factory, gives_mean_loss
from reglint.knowledge.layers import LayerFact, ModeDependence
from reglint.reader import attributes, calls, layers
from reglint.reader.domain import (
    NONE,
    Arguments,
    Bound,
    ClassValue,
    Collection,
    Each,
    Function,
    Method,
    Obj,
    Param,
    Params,
    Tuple,
    is_plain,
    new_dict,
)
from reglint.reader.journal import likely, maybe_absent
from reglint.reader.machine import Machine, default_of
from reglint.source import Place
from reglint.step import model as step
from reglint.step.trace import Backward, Cleared, Forward, LayerInfo, ModeSet, ModuleInfo, StateRead, Stepped
from reglint.step.values import ABSENT, Const, Expr, Phi, Unknown, Value, alternatives, number

MODULE_BASES = (
    "torch.nn.Module", "lightning.LightningModule", "transformers.PreTrainedModel", "torch.jit.ScriptModule", "fastai.Module",
    "torch_geometric.nn.MessagePassing", "mmengine.model.BaseModule",
)  # fmt: skip
WRAPPERS = frozenset({
    "torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "torch.compile", "torch.jit.script", "torch.nn.SyncBatchNorm",
    "torch.distributed.fsdp.FullyShardedDataParallel", "apex.parallel.DistributedDataParallel",
})  # fmt: skip
LIST_CONTAINERS = frozenset({"torch.nn.ModuleList", "torch.nn.Sequential", "torch.nn.ParameterList"})
DICT_CONTAINERS = frozenset({"torch.nn.ModuleDict", "torch.nn.ParameterDict"})
MAX_LAYERS = 3000
STATISTICS = frozenset({"running_mean", "running_var", "num_batches_tracked", "_buffers"})


def prepare(m: Machine, obj: Obj) -> None:
    """Mark an instance as a module if its class says so; new modules are in training mode."""
    library = obj.library
    is_module = library in MODULE_BASES or layer_facts.layer(library) is not None or library.startswith("torch.nn.modules.")
    if not is_module and obj.cls is not None and (obj.state.get("unknown_base") or library):
        # A base that was not found, or of a library that is not known: a class with forward() is taken for a module.
        is_module = attributes.of_class(m, obj.cls, "forward", None) is not None
        obj.state["guessed"] = is_module
    if library.startswith("torch.nn.") and library.endswith("Loss"):
        is_module = False
    if is_module:
        obj.state.update(module=True, training=True, children={}, params={})
        m.modules.append(obj)


def fact(obj: Obj) -> LayerFact | None:
    """What is known of the library class of an object that is one itself, not a subclass."""
    return layer_facts.layer(obj.library) if obj.cls is None else None


# -- structure ---------------------------------------------------------------------------------------------------------


def direct(obj: Obj) -> Iterator[tuple[str, Value]]:
    """The named direct submodules and parameters of a module, in order of registration."""
    obj.settle()
    wrapped = obj.state.get("wrapped")
    if wrapped is not None:
        yield "module", wrapped
        return
    for name, value in (obj.state.get("params") or {}).items():
        yield name, value
    for name, value in (obj.state.get("children") or {}).items():
        yield str(name), value
    if obj.cls is not None or obj.library == "torch.nn.Module":
        for name, value in obj.attrs.items():
            if isinstance(value, (Obj, Param, Phi)) and isinstance(name, str) and not is_plain(value):
                yield name, value


def walk(obj: Obj, prefix: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Obj]]:
    """The module and all modules below it with their names, each once."""
    seen = set() if seen is None else seen
    if id(obj) in seen or len(seen) > MAX_LAYERS:
        return
    seen.add(id(obj))
    obj.settle()
    yield prefix, obj
    for name, value in direct(obj):
        for one in likely(value):
            if isinstance(one, Obj) and one.state.get("module"):
                yield from walk(one, f"{prefix}.{name}" if prefix else name, seen)


def resolved(m: Machine, obj: Obj) -> bool:
    """Is every submodule of it known, so that its parameters are exactly those found?"""
    for _, one in walk(obj):
        if one.state.get("unknown_base") or one.state.get("unresolved") or one.state.get("root"):
            return False
        if fact(one) is None and one.cls is None and one.library not in MODULE_BASES and one.state.get("wrapped") is None:
            return False  # a model of another library: what it holds is not known
        children = one.state.get("children") or {}
        if any(not _settled(v) for v in children.values()):
            return False
        if one.cls is not None and any(_may_be_module(m, one, n, v) for n, v in one.attrs.items()):
            return False
    return True


def _is_module(value: Value) -> bool:
    return isinstance(value, Obj) and bool(value.state.get("module"))


def _settled(value: Value) -> bool:
    """Is it one module or parameter (or certainly none), with default options?"""
    if maybe_absent(value) or isinstance(value, Phi):
        chosen = list(likely(value))
        decided = default_of(value)
        return len(chosen) < 2 and not isinstance(decided, Phi) and all(isinstance(v, (Obj, Param, Const)) for v in chosen)
    return isinstance(value, (Obj, Param))


def _may_be_module(m: Machine, obj: Obj, name: str, value: Value) -> bool:
    """An attribute whose value is not known but which the class calls: a submodule for all one can tell."""
    if isinstance(value, Phi):
        return not _settled(value) and any((isinstance(v, Param) and not v.plain) or _is_module(v) for v in alternatives(value))
    if not isinstance(value, (Unknown, Expr)):
        return False
    return name in m.project.facts.called_attributes(obj.cls) if obj.cls is not None else False


def parameters(m: Machine, obj: Obj) -> tuple[list[tuple[str, Param]], bool]:
    """All parameters with their names as `named_parameters()` gives them, and whether that is all of them."""
    found: list[tuple[str, Param]] = []
    seen: set[int] = set()
    for prefix, one in walk(obj):
        for name, value in _own_parameters(one):
            if id(value) in seen:
                continue  # shared with a module walked before
            seen.add(id(value))
            full = f"{prefix}.{name}" if prefix else name
            if not value.name:
                value.name = full
            found.append((full, value))
    return found, resolved(m, obj)


def _own_parameters(obj: Obj) -> Iterator[tuple[str, Param]]:
    if obj.state.get("wrapped") is not None:
        return
    for name, value in direct(obj):
        for one in likely(value):
            if isinstance(one, Param) and not one.plain:
                yield name, one


def parameter_set(m: Machine, obj: Obj, named: bool, label: str) -> Params:
    """`obj.parameters()` or `obj.named_parameters()`."""
    found, complete = parameters(m, obj)
    return Params(label, (unwrap(obj),), tuple(found) if complete else None, named)


def unwrap(obj: Obj) -> Obj:
    """The model inside DataParallel and its like."""
    wrapped = obj.state.get("wrapped")
    return unwrap(wrapped) if isinstance(wrapped, Obj) else obj


def adopt(m: Machine, owner: Obj, name: str, value: Value) -> None:
    """`owner.name = module`: remember that a parameter has a name."""
    if name_plain(value, name):
        return
    if isinstance(value, Param) and owner.state.get("module"):
        value.layer = value.layer or (owner.cls.name if owner.cls else owner.library)
        if not value.name:
            value.name = name
            value.role = _role_of_name(name, value, owner)


def name_plain(value: Value, name: str) -> bool:
    """Give a plain tensor the name of the first variable or attribute it is bound to; False for anything else."""
    while isinstance(value, Expr) and value.op == "same" and value.args:
        value = value.args[0]  # `torch.rand(3, requires_grad=True).cuda()`
    if not isinstance(value, Param) or not value.plain:
        return False
    if not value.name:
        value.name = name
        if _BIAS.fullmatch(name):
            value.role = "bias"
        elif value.ndim != 1 or _WEIGHT.fullmatch(name):
            value.role = "scale" if value.ndim == 0 else "weight"
    return True


_BIAS = re.compile(r"b|b\d+|b_\w+|\w*bias\w*|intercept", re.IGNORECASE)
_WEIGHT = re.compile(r"w|w\d+|w_\w+|\w*weight\w*|theta", re.IGNORECASE)


def assign(m: Machine, owner: Obj, name: str, value: Value) -> bool:
    """`owner.name = value` where the name is a parameter of a library layer, or the owner a container: is that all there is to do?"""
    adopt(m, owner, name, value)
    params = owner.state.get("params") or {}
    if name in params:
        if isinstance(value, Param) and not value.plain:
            m.write(owner.state, "params", {**params, name: value})
            return True
        m.write(owner.state, "params", {n: p for n, p in params.items() if n != name})
        if not (isinstance(value, Const) and value.value is None):
            m.write(owner.state, "unresolved", True)  # another parameter, of which nothing is known
        return False
    children = owner.state.get("children") or {}
    if isinstance(value, Obj) and value.state.get("module") and (name in children or owner.library in LIST_CONTAINERS | DICT_CONTAINERS):
        m.write(owner.state, "children", {**children, name: value})
        return True
    return False


def _role_of_name(name: str, param: Param, owner: Obj) -> str:
    low = name.lower()
    cls = (owner.cls.name if owner.cls else "").lower()
    if "norm" in cls:
        return "norm"
    if param.ndim == 0 or low in ("logit_scale", "temperature", "temp", "log_temperature"):
        return "scale"
    if "bias" in low:
        return "bias"
    if any(word in low for word in ("embed", "position", "cls_token", "pos_", "token")):
        return "embedding"
    return "other" if param.ndim == 1 else "weight"


def _flag(value: Value | None, otherwise: bool) -> bool:
    if isinstance(value, Const):
        return bool(value.value)
    return otherwise


# -- modes -------------------------------------------------------------------------------------------------------------


def set_mode(m: Machine, obj: Obj, training: bool | None, place: Place, top: bool = True) -> None:
    """train() or eval() of a module and all below it; overridden train() methods are followed."""
    if top:
        m.emit(ModeSet, place, module=info(m, obj), target=obj, training=training)
    _set_below(m, obj, training, place, set(), first=True)


def _set_below(m: Machine, obj: Obj, training: bool | None, place: Place, seen: set[int], first: bool = False) -> None:
    """nn.Module.train(): the module itself, then train() of each child."""
    if id(obj) in seen or len(seen) > MAX_LAYERS:
        return
    seen.add(id(obj))
    own = attributes.of_class(m, obj.cls, "train", obj) if obj.cls is not None and not first else None
    if isinstance(own, Bound) and own.function.node not in m.active:
        argument = Const(training) if training is not None else Unknown("the mode is not known")
        calls.call(m, own, Arguments((argument,), {}), place)
        return
    m.write(obj.state, "training", training)
    m.write(obj.state, "mode_place", place)
    for _, value in list(direct(obj)):
        for one in alternatives(value):  # also what is there with other options than the default ones
            if isinstance(one, Obj) and one.state.get("module"):
                _set_below(m, one, training, place, seen)


def forget_mode(m: Machine, obj: Obj) -> None:
    """Unknown code had the module: its mode is not known any more, where it has one."""
    waiting, seen = [obj], {id(obj)}
    while waiting and len(seen) <= MAX_LAYERS:
        one = waiting.pop()
        m.write(one.state, "training", None)
        for _, value in direct(one) if one.waiting is None else ():  # what is still to be built will know no mode either
            below = [v for v in alternatives(value) if isinstance(v, Obj) and v.state.get("module") and id(v) not in seen]
            seen.update(map(id, below))
            waiting += below


mode_unknown = forget_mode


def info(m: Machine, obj: Obj) -> ModuleInfo:
    """The module as it is now, for an event."""
    inner = unwrap(obj)
    found: list[LayerInfo] = []
    reads_training = False
    for path, one in walk(inner):
        known = fact(one)
        training = one.state.get("training")
        if known is not None and known.mode in (ModeDependence.DROPOUT, ModeDependence.BATCHNORM):
            rate = _rate(one, known)
            called = bool(one.state.get("called"))
            found.append(LayerInfo(one.library, path, one.uid, rate, training, one.place, _tracks(one, known), called, _is_frozen(one)))
        elif known is None and one.cls is None:
            found.extend(_factory_layers(one, path, training))
        if one.cls is not None and m.project.facts.reads_training(one.cls):
            reads_training = True
    cls = inner.cls.name if inner.cls else inner.library.rpartition(".")[2]
    is_resolved = resolved(m, inner)
    params = parameters(m, inner)[0] if is_resolved else None
    owned = frozenset(p.uid for _, p in params) if params else frozenset()
    return ModuleInfo(
        inner.uid, cls, cls, is_resolved, tuple(found), None, inner.place, inner.state.get("training"), inner.state.get("mode_place"),
        reads_training, owned,
    )  # fmt: skip


def brief(obj: Obj) -> ModuleInfo:
    """Which module it is, for what happens in one of its methods; what it holds is not said."""
    inner = unwrap(obj)
    cls = inner.cls.name if inner.cls else inner.library.rpartition(".")[2]
    return ModuleInfo(inner.uid, cls, cls, False, (), None, inner.place, inner.state.get("training"), inner.state.get("mode_place"))


def _rate(obj: Obj, known: LayerFact) -> Value | None:
    if not known.rate:
        return None
    if known.name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN") and number(obj.arguments.get("num_layers", Const(1))) == 1:
        return Const(0.0)  # dropout acts between layers
    given = obj.arguments.get(known.rate)
    if given is not None:
        return given
    return Const(known.default_rate) if known.default_rate is not None else None


def _tracks(obj: Obj, known: LayerFact) -> bool:
    """Does it keep statistics for evaluation? With a momentum of 1 they are those of the last batch, nothing to evaluate by."""
    momentum = obj.arguments.get("momentum")
    if isinstance(momentum, Const) and momentum.value == 1 and "BatchNorm" in obj.library:
        return False
    return _flag(obj.arguments.get(known.mode_when), known.signature.default(known.mode_when) is not False) if known.mode_when else True


def _is_frozen(obj: Obj) -> bool:
    params = [p for p in (obj.state.get("params") or {}).values() if isinstance(p, Param)]
    return bool(params) and all(p.state["requires_grad"] is False for p in params)


def _factory_layers(obj: Obj, path: str, training: bool | None) -> Iterator[LayerInfo]:
    known = factory(obj.library)
    if known is not None and known.batchnorm:
        yield LayerInfo("torch.nn.BatchNorm2d", path, obj.uid, None, training, obj.place)
    if known is not None and known.dropout and not _without_dropout(obj):
        yield LayerInfo("torch.nn.Dropout", path, obj.uid, None, training, obj.place)


# `hidden_dropout_prob=0`, `config.dropout = 0.0`, `config.update({"attention_dropout": 0})`
_RATE_OF_ZERO = re.compile(r"drop\w*[\"']?\s*[=:]\s*0(?:\.0*)?(?![\d.])")


def _without_dropout(obj: Obj) -> bool:
    """May the rates be set to 0, by an argument or in a configuration? That is looked for in the text: nobody reads configurations."""
    return obj.place is not None and _RATE_OF_ZERO.search(obj.place.source.text) is not None


# -- calling -----------------------------------------------------------------------------------------------------------


def forward(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    """`model(x)`: the result of its forward, evaluated once per mode and kind of arguments."""
    wrapped = obj.state.get("wrapped")
    if isinstance(wrapped, Obj):
        return forward(m, wrapped, args, place)
    if isinstance(wrapped, Value):
        return calls.call(m, wrapped, args, place)
    top = not m.forwarding and not any(f.module == obj.uid for f in m.frames) and not _inside_module(m)
    known = fact(obj)
    obj.state["called"] = True
    owned = frozenset(p.uid for _, p in parameters(m, obj)[0]) if top else frozenset()  # forward itself may replace some
    m.forwarding += 1
    try:
        if known is not None or (obj.library in LIST_CONTAINERS and obj.cls is None):
            result = _library_forward(m, obj, known, args, place)
        else:
            result = _user_forward(m, obj, args, place)
    finally:
        m.forwarding -= 1
    if top:
        seen = info(m, obj)
        seen = replace(seen, owned=owned if seen.resolved else frozenset())
        m.emit(Forward, place, module=seen, result=result, arguments=args.positional)
    return result


def _inside_module(m: Machine) -> bool:
    return any(f.name.endswith(".forward") for f in m.frames)


def _user_forward(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    constants = tuple(repr(v.value) for v in (*args.positional, *args.keywords.values()) if isinstance(v, Const))
    parts = tuple(id(v) for v in obj.attrs.values() if isinstance(v, (Obj, Const)))  # replaced layers, switched flags
    guards = tuple((g.key, g.outcome) for g in m.guards)
    at = (obj.uid, hash((constants, len(args.positional), tuple(args.keywords), parts, guards)), obj.state.get("training"))
    known = m.forwards.get(at)
    if known is not None:
        return known
    method = attributes.of_class(m, obj.cls, "forward", obj) if obj.cls is not None else None
    before = len(m.events)
    if method is not None:
        result = calls.call(m, method, args, place)
    elif (head := _replaced_head(obj)) is not None:
        result = m.each_alternative(head, lambda one: _to_the_head(m, obj, one, args, place))
    else:
        result = Unknown(f"forward of {obj.library or (obj.cls.name if obj.cls else 'a model')} is not known")
    if isinstance(result, Unknown):
        result = Expr("forward", (obj, result, *args.positional), {}, place)
        loss = _own_loss(obj, result, args, place)
        if loss is not None:
            first = {"0": loss} if any(name in args.keywords for name in TARGETS) else {}  # else it may be without labels
            result = Expr("forward", result.args, {"loss": loss, **first}, place)
    if not any(isinstance(event, (Backward, Cleared, Stepped)) for event in m.events[before:]):
        m.forwards[at] = result  # else each call trains
    return result


def _replaced_head(obj: Obj) -> Value | None:
    """The last part of a model that is built elsewhere, where the program has put in another or has changed it."""
    known = factory(obj.library)
    if known is None or known.output is not Output.LOGITS:
        return None
    return next((obj.attrs[name] for name in known.heads if name in obj.attrs), None)


def _to_the_head(m: Machine, obj: Obj, head: Value, args: Arguments, place: Place) -> Value:
    """What a model gives that ends in `head`: nothing is known of one that may have been changed inside."""
    if head is ABSENT:
        return Unknown(f"forward of {obj.library} is not known")  # on this side it has its own
    features = Expr("forward", (obj, Unknown(f"forward of {obj.library} is not known"), *args.positional), {}, place, "features")
    return calls.call(m, head, Arguments((features,), {}), place) if isinstance(head, Obj) else features


def _own_loss(obj: Obj, output: Value, args: Arguments, place: Place) -> Value | None:
    """The loss that a model of transformers computes itself when it is given labels, or may be given some in `**batch`."""
    given = [args.keywords[name] for name in TARGETS if name in args.keywords]
    if obj.cls is not None or not gives_mean_loss(obj.library) or "num_items_in_batch" in args.keywords or not (given or args.extra):
        return None
    target = given[0] if given else Unknown("labels passed in **")
    return Expr("criterion", (output, target), {"reduction": Const("mean")}, place, "transformers.loss")


def _library_forward(m: Machine, obj: Obj, known: LayerFact | None, args: Arguments, place: Place) -> Value:
    if obj.library == "torch.nn.Sequential":
        value: Value = args.positional[0] if args.positional else Unknown("no input")
        for child_value in (obj.state.get("children") or {}).values():
            if isinstance(child_value, (Obj, Phi, Function, ClassValue)):
                value = calls.call(m, child_value, Arguments((value,), {}), place)
            else:
                value = Expr("call", (child_value, value), {}, place)
        if obj.state.get("unresolved"):
            value = Expr("call", (Unknown("a Sequential of unknown layers"), value), {}, place)
        return value
    for _, inner in walk(obj):
        inner.state["called"] = True
    if known is None:
        return Expr("layer", (obj, *args.positional), args.keywords, place, obj.library)
    if known.output is not None:
        return Expr(str(known.output), args.positional, args.keywords, place, obj.library)
    if known.passthrough and args.positional:
        return Expr("same", (args.positional[0],), {}, place, obj.library)
    return Expr("layer", args.positional, {**args.keywords, "layer": obj}, place, obj.library)


# -- containers --------------------------------------------------------------------------------------------------------


def child(m: Machine, obj: Obj, index: Value) -> Value | None:
    """`container[i]`."""
    children = obj.state.get("children")
    if children and isinstance(index, Const):
        values = list(children.values())
        if isinstance(index.value, int) and -len(values) <= index.value < len(values):
            return m.resolve(values[index.value])
        if isinstance(index.value, str) and index.value in children:
            return m.resolve(children[index.value])
    if children:
        from reglint.reader import iteration

        return iteration.any_of(m, new_dict(_one_of_each_kind(children)), None, index)
    if obj.cls is not None:
        method = attributes.of_class(m, obj.cls, "__getitem__", obj)
        if isinstance(method, Bound) and obj.place is not None:
            return calls.call(m, method, Arguments((index,), {}), obj.place)
    return None


def _one_of_each_kind(children: dict[object, Value]) -> dict[object, Value]:
    """Of the blocks of a stack the first stands for all; a Linear does not stand for the Sigmoid after it."""
    found: dict[object, tuple[object, Value]] = {}
    for name, value in children.items():
        kind = (value.cls, value.library) if isinstance(value, Obj) else value
        found.setdefault(kind, (name, value))
    return dict(found.values())


def children_values(m: Machine, obj: Obj) -> list[Value] | None:
    """The elements of a ModuleList or Sequential when looped over; None for anything else."""
    return None if obj.state.get("unresolved") or obj.library not in LIST_CONTAINERS else shown_children(obj)


def shown_children(obj: Obj) -> list[Value]:
    """The elements of a ModuleList or Sequential as far as they are seen, in order; more may be among them."""
    return list((obj.state.get("children") or {}).values()) if obj.library in LIST_CONTAINERS else []


def element(m: Machine, obj: Obj) -> Value:
    """What iterating over an object yields."""
    children = obj.state.get("children")
    if children:
        first: Value = next(iter(children.values()))
        return first
    if obj.library == "torch.utils.data.DataLoader":
        return Expr("data", (obj,), {}, obj.place)
    if obj.cls is not None:
        method = attributes.of_class(m, obj.cls, "__iter__", obj)
        if isinstance(method, Bound) and obj.place is not None:
            from reglint.reader import iteration

            made = calls.call(m, method, Arguments((), {}), obj.place)
            if made is not obj:
                return iteration.element(m, made)
            following = attributes.of_class(m, obj.cls, "__next__", obj)
            if isinstance(following, Bound):
                return calls.call(m, following, Arguments((), {}), obj.place)
    return Expr("element", (obj,), {}, obj.place)


def loop_kind(obj: Obj) -> str:
    """`batches` for a DataLoader, else other."""
    return "batches" if obj.library == "torch.utils.data.DataLoader" else "other"


def set_item(m: Machine, obj: Obj, index: Const, value: Value) -> None:
    """`container[i] = module`."""
    children = obj.state.get("children")
    if children is not None and obj.state.get("module"):
        names = list(children)
        name = names[index.value] if isinstance(index.value, int) and -len(names) <= index.value < len(names) else index.value
        m.write(obj.state, "children", {**children, name: value})


def add_children(m: Machine, obj: Obj, values: list[Value] | dict[object, Value], unresolved: bool = False) -> None:
    """Append to a container; a list continues the numbering."""
    children = dict(obj.state.get("children") or {})
    if isinstance(values, list):
        for value in values:
            children[str(len(children))] = value
    else:
        children.update({str(k): v for k, v in values.items()})
    m.write(obj.state, "children", children)
    if unresolved:
        m.write(obj.state, "unresolved", True)


def attribute(m: Machine, obj: Obj, name: str, place: Place) -> Value | None:
    """Attributes that every module has, and parameters of library layers; None where a method is meant."""
    if not obj.state.get("module"):
        if obj.state.get("optimizer") and name == "param_groups":
            return None
        return None
    if name in STATISTICS:
        m.emit(StateRead, place, uid=obj.uid, what=name)
    if name == "training":
        mode = obj.state.get("training")
        if isinstance(mode, bool):
            return Const(mode)
        unknown = obj.attrs.get("training")
        return unknown or _remember(m, obj, name)
    if name == "module" and obj.state.get("wrapped") is not None:
        return obj.state["wrapped"]  # type: ignore[no-any-return]
    params = obj.state.get("params") or {}
    if name in params:
        return params[name]  # type: ignore[no-any-return]
    if name in ("weight", "bias"):
        stand_in = layers.stands_for(params, name, place)
        if stand_in is not None or obj.state.get("unresolved"):
            return stand_in or _remember(m, obj, name)
        return NONE if obj.cls is None and fact(obj) is not None and fact(obj).complete else None  # type: ignore[union-attr]
    children = obj.state.get("children") or {}
    if name in children:
        return children[name]  # type: ignore[no-any-return]
    if obj.cls is None and name in obj.arguments:
        return obj.arguments[name]
    if obj.state.get("wrapped") is not None and obj.library != "torch.compile":
        return None
    if obj.cls is None and name not in MODULE_METHODS:
        return _remember(m, obj, name)
    return None


def _remember(m: Machine, obj: Obj, name: str) -> Value:
    unknown = Unknown(f"attribute {name}", name)
    m.write(obj.attrs, name, unknown)
    return unknown


MODULE_METHODS = frozenset(
    """
    parameters named_parameters modules named_modules children named_children buffers named_buffers train eval to cuda cpu
    float double half bfloat16 type apply zero_grad requires_grad_ state_dict load_state_dict register_buffer
    register_parameter register_module add_module register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_backward_hook get_submodule get_parameter share_memory append extend insert items
    keys values forward __call__ compile to_empty reset_parameters flatten_parameters pop update clear
    """.split()
)


def snapshot(m: Machine, params: Params | None) -> step.ParamSet | None:
    """The step model's view of a parameter set."""
    if params is None:
        return None
    members = None
    if params.members is not None:
        members = tuple(_described(name, p) for name, p in params.members)
    owners = frozenset(identity(m, o) for o in params.owners)
    seen: tuple[step.Parameter, ...] = ()
    if members is None and not params.filtered:
        seen = tuple(
            _described(n, p) for o in params.owners if isinstance(o, Obj) and o.state.get("module") for n, p in parameters(m, o)[0]
        )
    place = params.state.get("selected_at")
    return step.ParamSet(params.label, owners, members, params.filtered, seen, place.span if isinstance(place, Place) else None)


def _described(name: str, param: Param) -> step.Parameter:
    trainable = param.state.get("requires_grad") is not False
    return step.Parameter(name, step.Role(param.role), param.uid, param.ndim, trainable, param.layer, param.plain)


def identity(m: Machine, value: Value) -> int:
    """A number for an object: its own identity, or for an unknown value one that equal expressions share (negative)."""
    value = m.resolve(value)
    return unwrap(value).uid if isinstance(value, Obj) else -1 - m.interner.key(value)


def as_params(value: Value) -> Params | None:
    """A value that is a parameter, a set of them, or a list of such, as one set; None where it is something else."""
    match value:
        case Params():
            return value
        case Param():
            name = value.name or ("a tensor" if value.plain else "")
            return Params(name or "a parameter", (), ((name, value),), False, False, False)
        case Each():
            return Params(value.params.label, value.params.owners, None, False, True, False)
        case Collection(kind="list" | "set") | Tuple():
            parts = [as_params(one) for v in value.items for one in likely(v)]
            if not parts or any(p is None for p in parts):
                return None
            from reglint.reader import iteration

            total = parts[0]
            for part in parts[1:]:
                assert total is not None and part is not None
                total = iteration.union(total, part)
            if isinstance(value, Collection) and value.open and total is not None:
                return Params(total.label, total.owners, None, total.named, True, False)  # more than these
            return total
        case _:
            return None


__all__ = ["Method", "forward", "info", "parameters", "set_mode", "walk"]
