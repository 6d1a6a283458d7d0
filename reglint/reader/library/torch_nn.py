"""torch.nn: layers, containers, parameters, wrappers, functional dropout, gradient clipping."""

from __future__ import annotations

from dataclasses import replace

from reglint.knowledge import layers as layer_facts
from reglint.knowledge.factories import factory
from reglint.reader import attributes, calls, containers, layers, modules
from reglint.reader.domain import NONE, Arguments, Bound, Collection, Function, Obj, Param, Params, Tuple
from reglint.reader.journal import Attributes, Store
from reglint.reader.library.registry import bound, handles
from reglint.reader.machine import Machine, default_of
from reglint.source import Place
from reglint.step.trace import Clipped, LibraryCall, StateRead
from reglint.step.values import Const, Expr, Phi, Unknown, Value

STACKS = frozenset({"torch.nn.TransformerEncoder", "torch.nn.TransformerDecoder"})
MODE_PARAMETERS = frozenset(
    {"training", "train", "is_training", "is_train", "mode", "phase", "eval", "is_eval", "inference", "deterministic", "test"}
)
DROPOUT_FUNCTIONS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")


def build_layer(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a torch.nn layer or container."""
    obj = Obj(None, name, {}, place)
    modules.prepare(m, obj)
    fill_layer(m, obj, args, place)
    known = layer_facts.layer(name)
    if known is not None and (known.mode is not None or name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN")):
        record(m, name, args, obj.arguments, obj, place)
    return obj


def fill_layer(m: Machine, obj: Obj, args: Arguments, place: Place) -> None:
    """Bind the constructor arguments of a layer and give it its parameters or children."""
    known = layer_facts.layer(obj.library)
    if known is None:
        return
    if not known.container or obj.library not in modules.LIST_CONTAINERS | modules.DICT_CONTAINERS:
        names = tuple(a.name for a in known.signature.arguments if a.position is not None)
        obj.arguments = bound(args, names)
        params, complete = layers.parameters(known, obj.arguments, place)
        m.write(obj.state, "params", params)
        if known.name in STACKS:
            complete = _stack(m, obj, place)
        elif not complete:
            for given in obj.arguments.values():
                if isinstance(given, Obj) and given.state.get("module"):
                    modules.add_children(m, obj, {f"layer{len(obj.state['children'])}": given})
        if not complete:
            m.write(obj.state, "unresolved", True)
        return
    _fill_container(m, obj, args)


def _stack(m: Machine, obj: Obj, place: Place) -> bool:
    """The copies of its layer that a TransformerEncoder or -Decoder holds; False where their number is not known."""
    layer, count, norm = (m.resolve(obj.arguments.get(n, NONE)) for n in ("encoder_layer", "num_layers", "norm"))
    if obj.library.endswith("Decoder"):
        layer = m.resolve(obj.arguments.get("decoder_layer", NONE))
    count = default_of(count)
    known = isinstance(count, Const) and isinstance(count.value, int) and 0 < count.value <= layers.MAX_STACKED
    number = count.value if known and isinstance(count, Const) and isinstance(count.value, int) else 1
    stack = Obj(None, "torch.nn.ModuleList", {}, place)
    modules.prepare(m, stack)
    modules.add_children(m, stack, [copied(m, layer, place) for _ in range(number)])
    held: dict[object, Value] = {"layers": stack}
    modules.add_children(m, obj, held | ({"norm": norm} if isinstance(norm, Obj) else {}))
    return known and isinstance(norm, (Obj, Const))


def _fill_container(m: Machine, obj: Obj, args: Arguments) -> None:
    if obj.library == "torch.nn.Sequential" and not (len(args.positional) == 1 and _is_mapping(args.positional[0])):
        modules.add_children(m, obj, list(args.positional), args.extra)
        return
    content = m.resolve(args.positional[0]) if args.positional else None
    if content is None:
        return
    if isinstance(content, Collection) and content.kind == "dict":
        modules.add_children(m, obj, content.items, content.open)
    elif isinstance(content, (Tuple, Collection)):
        named = containers.pairs(content.items)
        if named is not None:
            modules.add_children(m, obj, named, isinstance(content, Collection) and content.open)
        else:
            modules.add_children(m, obj, list(content.items), isinstance(content, Collection) and content.open)
    elif isinstance(content, Obj) and content.state.get("children"):
        modules.add_children(m, obj, list(content.state["children"].values()))
    else:
        modules.add_children(m, obj, [], True)


def _is_mapping(value: Value) -> bool:
    if isinstance(value, Collection):
        if value.kind == "dict":
            return True
        return containers.pairs(value.items) is not None
    return isinstance(value, Expr) and value.name.endswith("OrderedDict")


def build_model(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """A model of another library, of which some facts are known by its name."""
    obj = Obj(None, name, {}, place, dict(args.keywords))
    obj.state.update(module=True, training=True, children={}, unresolved=True)
    known = factory(name)
    if known is not None and known.returns_eval:
        obj.state["training"] = False
    m.modules.append(obj)
    return obj


def record(m: Machine, name: str, args: Arguments, named: dict[str, Value], result: Value, place: Place) -> None:
    """Emit a LibraryCall with the module in whose method the call stands."""
    if m.muted:
        return
    inside = m.activation.self_value
    info = modules.brief(inside) if isinstance(inside, Obj) and inside.state.get("module") else None
    function = m.activation.function
    gated = function is not None and any(a.arg in MODE_PARAMETERS for a in (*function.node.args.args, *function.node.args.kwonlyargs))
    if isinstance(inside, Obj) and inside.cls is not None:
        gated = gated or m.project.facts.reads_training(inside.cls)
    m.emit(
        LibraryCall,
        place,
        name=name,
        positional=args.positional,
        keywords=named,
        result=result,
        inside=info,
        method=function.name.rpartition(".")[2] if function is not None else "",
        extra=args.extra,
        gated=gated,
    )


@handles(*(f"torch.nn.functional.{n}" for n in DROPOUT_FUNCTIONS))
def dropout(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """F.dropout and its relatives: active unless training is false."""
    named = bound(args, ("input", "p", "training", "inplace"))
    result = Expr("same", (named.get("input", Unknown("no input")),), {}, place, name)
    record(m, name, args, named, result, place)
    return result


@handles("torch.nn.functional.scaled_dot_product_attention")
def attention(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Scaled dot product attention: dropout_p acts in every mode."""
    named = bound(args, ("query", "key", "value", "attn_mask", "dropout_p", "is_causal"))
    result = Expr("attention", args.positional[:3], {}, place, name)
    record(m, name, args, named, result, place)
    return result


@handles(
    "flash_attn.flash_attn_func",
    "flash_attn.flash_attn_qkvpacked_func",
    "flash_attn.flash_attn_varlen_func",
    "flash_attn.flash_attn_interface.flash_attn_func",
    "flash_attn.flash_attn_varlen_qkvpacked_func",
)
def flash_attention(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Flash attention functions: dropout_p acts in every mode."""
    first = ("q", "k", "v", "dropout_p") if "packed" not in name else ("qkv", "dropout_p")
    named = bound(args, first if "varlen" not in name else ("q",))
    result = Expr("attention", args.positional[:3], {}, place, name)
    record(m, name, args, named, result, place)
    return result


@handles("torch.nn.Parameter", "torch.nn.UninitializedParameter")
def parameter(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """nn.Parameter(data, requires_grad=True)."""
    named = bound(args, ("data", "requires_grad"))
    data = named.get("data")
    made = Param("", "other", _rank(data), "", place)
    made.state["data"] = data
    flag = named.get("requires_grad")
    if isinstance(flag, Const):
        made.state["requires_grad"] = bool(flag.value)
    return made


def _rank(data: Value | None) -> int | None:
    """The number of dimensions of a freshly created tensor, where its creation shows it."""
    if isinstance(data, Param):
        return data.ndim
    while isinstance(data, Expr) and data.op in ("mul", "div", "add", "sub", "neg", "float", "clone") and data.args:
        data = next((a for a in data.args if isinstance(a, Expr)), None)
    if not isinstance(data, Expr):
        return None
    if data.op in ("zeros", "ones", "randn", "rand", "empty", "full", "Tensor", "FloatTensor"):
        sizes = data.args
        if (len(sizes) == 1 and isinstance(sizes[0], (Tuple, Collection))) or (data.op == "full" and sizes):
            inner = sizes[0]
            return len(inner.items) if isinstance(inner, (Tuple, Collection)) else None
        return len(sizes) or (0 if data.op in ("empty",) else None)
    if data.op in ("tensor", "as_tensor") and data.args:
        inner, depth = data.args[0], 0
        while isinstance(inner, (Tuple, Collection)) and inner.items:
            inner, depth = inner.items[0], depth + 1
        return depth if isinstance(inner, (Const, Expr)) else None
    return None


@handles(
    "torch.nn.DataParallel",
    "torch.nn.parallel.DistributedDataParallel",
    "torch.compile",
    "torch.jit.script",
    "torch.jit.trace",
    "apex.parallel.DistributedDataParallel",
    "torch.distributed.fsdp.FullyShardedDataParallel",
    "torch.nn.parallel.DistributedDataParallelCPU",
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
    "apex.parallel.convert_syncbn_model",
    "copy.deepcopy",
    "torch.fx.symbolic_trace",
    "torch.distributed.tensor.parallel.parallelize_module",
    "torch.distributed._composable.fsdp.fully_shard",
)
def wrapper(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Wrappers that train the model they are given; deepcopy makes another model with the same structure."""
    inner = (
        m.resolve(args.positional[0]) if args.positional else args.keywords.get("module", args.keywords.get("model", Unknown("no model")))
    )
    if name == "copy.deepcopy":
        return m.each_alternative(inner, lambda one: copied(m, one, place))
    if not (isinstance(inner, Obj) and inner.state.get("module")):
        return inner
    if name in ("torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel", "apex.parallel.DistributedDataParallel"):
        obj = Obj(None, name, {}, place)
        obj.state.update(module=True, training=inner.state.get("training"), children={}, wrapped=inner)
        m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=args.keywords, result=obj, extra=args.extra)
        return obj
    return inner


@handles("torch.optim.swa_utils.AveragedModel")
def averaged(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """AveragedModel(model): a copy in a wrapper. Its buffers are averaged only on request (torch/optim/swa_utils.py, 2.13)."""
    named = bound(args, ("model", "device", "avg_fn", "multi_avg_fn", "use_buffers"))
    inner = m.resolve(named.get("model", Unknown("no model")))
    if not (isinstance(inner, Obj) and inner.state.get("module")):
        return Expr("call", args.positional, args.keywords, place, name)
    obj = Obj(None, name, {}, place)
    buffers = named.get("use_buffers", Const(False))
    kept = isinstance(buffers, Const) and not buffers.value and not buffers.adjustable and not args.extra
    obj.state.update(module=True, training=inner.state.get("training"), children={}, wrapped=copied(m, inner, place), averages=kept)
    return obj


@handles("torch.optim.swa_utils.update_bn")
def update_statistics(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """update_bn(loader, model): the running statistics are computed anew."""
    model = m.resolve(bound(args, ("loader", "model", "device")).get("model", NONE))
    if isinstance(model, Obj):
        m.emit(StateRead, place, uid=modules.unwrap(model).uid, what="update_bn")
    return NONE


@handles("torch.nn.parallel.data_parallel")
def data_parallel(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """data_parallel(module, inputs, ...): the module's forward, in parts."""
    if len(args.positional) < 2:
        return Expr("call", args.positional, args.keywords, place, name)
    return calls.call(m, args.positional[0], Arguments(args.positional[1:2], {}), place)


def copied(m: Machine, value: Value, place: Place) -> Value:
    """A deep copy: of a module, one of the same structure with parameters of its own."""
    if isinstance(value, Param):
        return Param(value.layer, value.role, value.ndim, value.name, place, dict(value.state), value.shape, value.plain)
    if isinstance(value, Phi):
        then, other = copied(m, value.then, place), copied(m, value.other, place)
        return value if then is value.then and other is value.other else replace(value, then=then, other=other)
    if not (isinstance(value, Obj) and value.state.get("module")):
        return value
    value.settle()
    obj = Obj(value.cls, value.library, {}, value.place, dict(value.arguments))
    obj.state = Store(value.state)
    obj.state["copy"] = True
    for key in ("children", "params"):
        if isinstance(obj.state.get(key), dict):
            obj.state[key] = {n: copied(m, v, place) for n, v in obj.state[key].items()}
    if isinstance(obj.state.get("wrapped"), Obj):
        obj.state["wrapped"] = copied(m, obj.state["wrapped"], place)
    own = {n: copied(m, v, place) if isinstance(v, (Obj, Param, Phi)) and v is not value else v for n, v in value.attrs.items()}
    obj.held = Attributes(own)
    m.modules.append(obj)
    return obj


@handles(
    "torch.nn.utils.weight_norm",
    "torch.nn.utils.spectral_norm",
    "torch.nn.utils.parametrizations.weight_norm",
    "torch.nn.utils.parametrizations.spectral_norm",
    "torch.nn.utils.parametrizations.orthogonal",
    "torch.nn.utils.remove_weight_norm",
)
def reparametrized(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """weight_norm and its like return the module; its parameters have other names from then on."""
    named = bound(args, ("module", "name"))
    module, attribute = m.resolve(named.get("module", Unknown("no module"))), named.get("name", Const("weight"))
    if isinstance(module, Obj) and module.state.get("module"):
        own = module.state.get("params") or {}
        made = layers.reparametrized(m, own, name, str(attribute.value), place) if isinstance(attribute, Const) else None
        if made is not None:
            m.write(module.state, "params", made)
        else:
            m.write(module.state, "unresolved", True)
    return module


@handles("torch.autograd.backward")
def backward(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """torch.autograd.backward(losses): the same as backward() of each."""
    from reglint.reader import methods

    named = bound(args, ("tensors", "grad_tensors", "retain_graph"))
    losses = m.resolve(named.get("tensors", Unknown("no loss")))
    for one in losses.items if isinstance(losses, (Tuple, Collection)) and not isinstance(losses.items, dict) else (losses,):
        kept = {n: v for n, v in named.items() if n == "retain_graph"}
        methods.call(m, one, "backward", Arguments((), kept), place)
    return NONE


@handles("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_norm", "torch.nn.utils.clip_grad_value_")
def clip(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Clip gradients by norm or value."""
    named = bound(args, ("parameters", "max_norm" if "norm" in name else "clip_value"))
    target = m.resolve(named.get("parameters", Unknown("no parameters")))
    params = modules.as_params(target)
    exhausted = isinstance(target, Params) and target.iterator and bool(target.state.get("used"))
    if isinstance(target, Params) and target.iterator:
        m.write(target.state, "used", True)
    limit = named.get("max_norm", named.get("clip_value", Unknown("no limit")))
    m.emit(Clipped, place, name=name, params=modules.snapshot(m, params), target=target, limit=limit, exhausted=exhausted)
    return Expr("clip", (), {}, place, name)


def initialise(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Initialisers return their tensor."""
    return args.positional[0] if args.positional else Unknown("nothing to initialise")


def is_overridden(obj: Obj, m: Machine, name: str) -> Function | None:
    """The project's own method of that name, if the class has one."""
    found = attributes.of_class(m, obj.cls, name, obj) if obj.cls is not None else None
    return found.function if isinstance(found, Bound) else None


__all__ = ["build_layer", "build_model", "calls", "fill_layer", "record"]
