"""Python's builtins and the parts of its library that move values around."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from reglint.reader import attributes, calls, collections, iteration, layers, modules
from reglint.reader.collections import entries
from reglint.reader.domain import (
    NONE,
    Arguments,
    ClassValue,
    Collection,
    External,
    Function,
    Iteration,
    ModuleRef,
    Obj,
    Param,
    Params,
    PartialCall,
    Super,
    Tuple,
    new_dict,
    new_list,
)
from reglint.reader.journal import maybe_absent, present
from reglint.reader.library.registry import handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Const, Expr, Origin, OriginKind, Phi, Unknown, Value

OF_TENSORS = frozenset({"item", "data", "detach", "backward", "cpu", "numpy", "mean", "shape", "device", "requires_grad", "__getitem__"})


def _first(args: Arguments) -> Value:
    return args.positional[0] if args.positional else Unknown("no argument")


@handles("builtins.range", "tqdm.trange", "tqdm.auto.trange", "tqdm.notebook.trange")
def range_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """range and trange: a loop whose index is not known."""
    bounds = [a.value if isinstance(a, Const) else None for a in args.positional]
    numbers: range | None = None
    if args.positional and all(isinstance(b, int) for b in bounds) and not args.extra:
        numbers = range(*[b for b in bounds if isinstance(b, int)][:3]) if 0 not in bounds[2:3] else range(0)
        if len(numbers) <= 3 and not any(isinstance(a, Const) and a.adjustable for a in args.positional):
            return Tuple(tuple(Const(n) for n in numbers))
    index: Value = Unknown("the index of a loop", "index")
    if len(args.positional) == 3 and bounds[2] not in (1, -1):
        index = Expr("stride", args.positional, {}, place, "index")  # `for i in range(0, n, batch_size)`: i walks in strides
    return Iteration("range", index, "", args.positional[-1] if args.positional else None, numbers)


@handles(
    "tqdm.tqdm",
    "tqdm.auto.tqdm",
    "tqdm.notebook.tqdm",
    "tqdm.tqdm_notebook",
    "tqdm.std.tqdm",
    "tqdm.autonotebook.tqdm",
    "builtins.iter",
    "rich.progress.track",
    "fastprogress.progress_bar",
    "fastprogress.master_bar",
    "alive_progress.alive_it",
    "progressbar.progressbar",
    "mmengine.track_iter_progress",
    "itertools.cycle",
    "torch.utils.data.dataloader.cycle",
)
def passes_through(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Wrappers that yield what they are given."""
    return m.resolve(args.positional[0]) if args.positional else args.keywords.get("iterable", Unknown("nothing to iterate"))


@handles("builtins.reversed", "builtins.sorted")
def reordered(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """reversed and sorted: carried out on what is known element by element; else the same elements in an order that is not known."""
    value = m.resolve(_first(args))
    if not isinstance(value, (Tuple, Collection)) or (isinstance(value, Collection) and value.kind == "dict"):
        return value
    made = new_list(tuple(value.items), isinstance(value, Collection) and value.open, place)
    if name == "builtins.reversed" and not made.open:
        return new_list(made.items[::-1], False, place)
    plain = [v for v in made.items if isinstance(v, Const) and isinstance(v.value, (int, float, str))]
    if name == "builtins.sorted" and len(plain) == len(made.items) and not made.open and len(args.positional) == 1 and not args.keywords:
        in_order: dict[object, Value] = {v.value: v for v in plain}
        if len(in_order) == len(plain) and len({isinstance(v.value, str) for v in plain}) == 1:
            return new_list(tuple(in_order[k] for k in sorted(in_order)), False, place)  # type: ignore[type-var]
    if made.items:
        collections.shuffled(m, made)
    return made


@handles("builtins.enumerate")
def enumerate_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """enumerate: pairs of an unknown index and the element."""
    value = _first(args)
    elements, kind, exact = iteration.passes(m, value)
    start = args.positional[1] if len(args.positional) > 1 else args.keywords.get("start", Const(0))
    if exact and kind == "items":
        first = start.value if isinstance(start, Const) and isinstance(start.value, int) else None
        numbers = [Unknown("an index", "index") if first is None else Const(first + i) for i in range(len(elements))]
        return Tuple(tuple(Tuple(pair) for pair in zip(numbers, elements, strict=True)))
    if isinstance(value, Params):
        return Iteration("parameters", Tuple((Unknown("an index", "index"), iteration.element(m, value))))
    return _side_by_side(kind, [[Unknown("the index of a loop", "index")], elements])


@handles("builtins.zip", "itertools.zip_longest")
def zip_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """zip: tuples of the elements."""
    parts = [iteration.passes(m, a) for a in args.positional]
    if parts and all(exact for _, _, exact in parts) and len({len(e) for e, _, _ in parts}) == 1:
        return Tuple(tuple(Tuple(items) for items in zip(*(e for e, _, _ in parts), strict=True)))
    kind = next((k for _, k, _ in parts if k == "batches"), "other")
    if args.extra and kind == "other":
        return Expr("zip", args.positional, {}, place)  # of `zip(*rows)`: columns, each of which is as long as there are rows
    return _side_by_side(kind, [elements for elements, _, _ in parts])


def _side_by_side(kind: str, parts: list[list[Value]]) -> Iteration:
    """What runs through several at once, by the first and the last elements of each."""
    shown = [part or [Unknown("an element of nothing")] for part in parts]
    first, last = (Tuple(tuple(part[at] for part in shown)) for at in (0, -1))
    alike = all(part[0] is part[-1] for part in shown)
    return Iteration(kind, first, last=None if alike else last)


@handles("builtins.len")
def len_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """len of what is known; an expression otherwise."""
    value = m.resolve(_first(args))
    if isinstance(value, Tuple) or (isinstance(value, Collection) and not value.open and not any(map(maybe_absent, entries(value)))):
        return Const(len(value.items))
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(len(value.value))
    if isinstance(value, Expr) and value.op in ("shape", "size") and len(value.args) == 1 and isinstance(param := value.args[0], Param):
        return Const(param.ndim) if param.ndim is not None else Expr("len", (value,), {}, place)
    if isinstance(value, Obj) and value.state.get("children") and not value.state.get("unresolved"):
        return Const(len(value.state["children"]))
    return Expr("len", (value,), {}, place)


@handles("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset")
def list_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """list(x): a copy of what is known."""
    if not args.positional:
        return new_list(place=place)
    value = m.resolve(args.positional[0])
    if isinstance(value, Params):
        m.write(value.state, "used", value.state["used"] or value.iterator)
        return replace(value, iterator=False, state={"used": False})
    if isinstance(value, (Tuple, Collection)) and not (isinstance(value, Collection) and value.kind == "dict"):
        return new_list(value.items, isinstance(value, Collection) and value.open, place)
    if isinstance(value, Obj):
        shown = modules.shown_children(value)
        if shown:
            return new_list(tuple(shown), bool(value.state.get("unresolved")), place)
    if isinstance(value, Collection):
        return new_list(tuple(Const(k) for k in value.items), value.open, place)
    return new_list((iteration.element(m, value),), True, place)


@handles(
    "builtins.dict",
    "collections.OrderedDict",
    "collections.defaultdict",
    "easydict.EasyDict",
    "addict.Dict",
    "munch.Munch",
    "box.Box",
    "omegaconf.OmegaConf.create",
    "types.SimpleNamespace",
    "argparse.Namespace",
    "edict.EasyDict",
    "ml_collections.ConfigDict",
)
def dict_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """dict and its relatives with attribute access."""
    made = new_dict(dict(args.keywords), args.extra, place)
    if name == "collections.defaultdict":
        made.attrs["open"] = True
    elif args.positional:
        given = m.resolve(args.positional[0])
        if isinstance(given, Collection) and given.kind == "dict":
            made.attrs["items"] = {**given.items, **made.items}
            made.attrs["open"] = made.open or given.open
        elif isinstance(given, (Tuple, Collection)) and all(isinstance(i, Tuple) and len(i.items) == 2 for i in given.items):
            for pair in given.items:
                if isinstance(pair, Tuple) and isinstance(pair.items[0], Const):
                    made.items[pair.items[0].value] = pair.items[1]
        else:
            made.attrs["open"] = True
    return made


@handles("builtins.map")
def map_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """map over one iterable."""
    if len(args.positional) != 2:
        return Unknown("map over several iterables")
    function, iterable = args.positional
    elements, exact = iteration.all_elements(m, m.resolve(iterable))
    results = [calls.call(m, function, Arguments((e,), {}), place) for e in elements]
    return new_list(tuple(results), not exact, place)


@handles("builtins.filter")
def filter_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """filter: on a set of parameters, the members that pass."""
    if len(args.positional) != 2:
        return Unknown("filter with other arguments")
    test, iterable = args.positional
    iterable = m.resolve(iterable)
    if not isinstance(iterable, Params):
        elements, _, _ = iteration.passes(m, iterable)
        return new_list(tuple(elements), True, place)
    if iterable.members is None or iterable.named or len(iterable.members) > iteration.MAX_PARAMETERS:
        return replace(iterable, filtered=True, label=f"part of {iterable.label}", members=None)
    kept: list[tuple[str, Param]] = []
    for member_name, param in iterable.members:
        keep = m.truth(calls.call(m, test, Arguments((param,), {}), place))
        if keep is None:
            return replace(iterable, filtered=True, label=f"part of {iterable.label}", members=None)
        if keep:
            kept.append((member_name, param))
    label = iterable.label if len(kept) == len(iterable.members) else f"part of {iterable.label}"
    return replace(iterable, members=tuple(kept), label=label, state={"used": False})


@handles("itertools.chain", "itertools.chain.from_iterable")
def chain(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """itertools.chain: the union of parameter sets, or a list of all."""
    parts: list[Value] = list(args.positional)
    if name.endswith("from_iterable") and parts:
        inner = m.resolve(parts[0])
        parts = list(inner.items) if isinstance(inner, (Tuple, Collection)) else [Unknown("unknown parts")]
    union: Params | None = None
    for part in (m.resolve(p) for p in parts):
        if isinstance(part, Params):
            union = part if union is None else iteration.union(union, part)
        elif isinstance(part, Collection) and not part.items and not part.open:
            continue  # an empty list adds nothing
        else:
            known = modules.as_params(part)
            if known is None:
                return new_list(tuple(iteration.element(m, p) for p in parts), True, place)
            union = known if union is None else iteration.union(union, known)
    return replace(union, iterator=True, state={"used": False}) if union is not None else new_list(place=place)


@handles("builtins.sum")
def sum_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """sum: addends of a known list one by one; over parameters the addend that stands for all."""
    value = m.resolve(_first(args))
    start = args.positional[1] if len(args.positional) > 1 else Const(0)
    if isinstance(value, (Tuple, Collection)) and not (isinstance(value, Collection) and value.kind == "dict"):
        total: Value = start
        for one in value.items:
            total = Expr("add", (total, present(one, Const(0)) or one), {}, place)
        if isinstance(value, Tuple) or not value.open:
            plain = [v.value for v in (start, *value.items) if isinstance(v, Const) and isinstance(v.value, (int, float))]
            total = Const(sum(plain)) if len(plain) == len(value.items) + 1 else total
        if isinstance(value, Collection) and value.open and not _is_parameter_sum(value):
            return Expr("total", (total,), {}, place)
        return total
    return Expr("total", (value,), {}, place)


def _is_parameter_sum(value: Collection) -> bool:
    from reglint.reader.objective import leaves

    return any(type(leaf).__name__ == "Each" for item in value.items for leaf in leaves(item))


@handles("builtins.float", "builtins.int", "builtins.str", "builtins.bool", "builtins.abs", "builtins.round")
def convert(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Conversions: carried out on constants; of a tensor they cut the graph."""
    value = m.resolve(_first(args))
    if isinstance(value, Const) and len(args.positional) == 1:
        known: dict[str, Callable[..., object]] = {"float": float, "int": int, "str": str, "bool": bool, "abs": abs, "round": round}
        try:
            return Const(known[name.rpartition(".")[2]](value.value), value.origin)
        except (TypeError, ValueError, OverflowError):
            return Unknown("a conversion that raises")
    short = name.rpartition(".")[2]
    if short == "abs":
        return Expr("abs", (value,), {}, place)
    return Expr("item" if short in ("float", "int") else short, (value,), {}, place)


@handles("builtins.isinstance")
def isinstance_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """isinstance of a known object and classes."""
    if len(args.positional) == 2:
        value, classes = m.resolve(args.positional[0]), m.resolve(args.positional[1])
        if isinstance(value, Phi):
            return m.each_alternative(value, lambda one: isinstance_(m, name, Arguments((one, classes), {}), place))
        options = classes.items if isinstance(classes, (Tuple, Collection)) else (classes,)
        answers = [_is_instance(value, m.resolve(c)) for c in options]
        if True in answers:
            return Const(True)
        if None not in answers:
            return Const(False)
    return Expr("isinstance", args.positional, {}, place)


_SCHEDULERS = "torch.optim.lr_scheduler."


def _is_instance(value: Value, cls: Value) -> bool | None:
    if isinstance(value, Obj):
        if isinstance(cls, ClassValue):
            if value.cls is None:
                return False
            return cls in list(attributes.linearized(value.cls)) or (None if value.state.get("unknown_base") else False)
        if isinstance(cls, External):
            if cls.name in ("torch.nn.Parameter", "torch.Tensor") and value.state.get("module"):
                return False
            if cls.name == value.library or (cls.name == "torch.nn.Module" and value.state.get("module")):
                return True
            if value.state.get("guessed") or value.state.get("unknown_base"):
                return None
            if value.state.get("scheduler") and value.cls is None and cls.name.startswith(_SCHEDULERS):
                return cls.name.removeprefix(_SCHEDULERS) in ("LRScheduler", "_LRScheduler")  # all others derive from it directly
            if cls.name in ("torch.nn.DataParallel", "torch.nn.parallel.DistributedDataParallel"):
                return False
            return layers.is_layer(value.library, cls.name) if value.state.get("module") else _plain(value, cls)
    if isinstance(value, Param) and isinstance(cls, External) and cls.name in ("torch.nn.Parameter", "torch.Tensor"):
        return cls.name == "torch.Tensor" or not value.plain
    if _is_loss(value) and isinstance(cls, External) and (cls.name.startswith("builtins.") or cls.name == "torch.Tensor"):
        return cls.name in ("torch.Tensor", "builtins.object")
    if isinstance(value, (Collection, Tuple)) and isinstance(cls, External) and cls.name.startswith("builtins."):
        kind = "tuple" if isinstance(value, Tuple) else value.kind
        return cls.name == f"builtins.{kind}"
    if isinstance(value, (Collection, Tuple)) and isinstance(cls, ClassValue) and attributes.library_base(cls) == "":
        return False  # no class of the project's that is a kind of dict or list
    if isinstance(value, Const) and isinstance(cls, External) and value.value is not None and not value.adjustable:
        return type(value.value).__name__ == cls.name.rpartition(".")[2] if cls.name.startswith("builtins.") else None
    return None


def _plain(value: Obj, cls: External) -> bool | None:
    own = value.cls is not None and not value.library and not value.state.get("unknown_base")
    return False if (own or value.state.get("module")) and cls.name.startswith("builtins.") and cls.name != "builtins.object" else None


@handles("builtins.any", "builtins.all")
def any_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """any and all: tests joined by or and and."""
    value = m.resolve(_first(args))
    if not isinstance(value, (Tuple, Collection)) or (isinstance(value, Collection) and (value.open or value.kind == "dict")):
        return Expr(name.rpartition(".")[2], (value,), {}, place)
    found = iteration.present_items(m, value.items)
    joined = Expr("or" if name == "builtins.any" else "and", tuple(found), {}, place)
    truth = m.truth(joined) if found else name == "builtins.all"
    return joined if truth is None else Const(truth)


@handles("builtins.id")
def id_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """id of a parameter or object: a number that no other has."""
    value = m.resolve(_first(args))
    return Const(value.uid) if isinstance(value, (Param, Obj)) else Expr("id", (value,), {}, place)


@handles("builtins.hasattr")
def hasattr_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """hasattr of an object whose attributes are known."""
    if len(args.positional) == 2 and isinstance(args.positional[1], Const):
        value, attribute = m.resolve(args.positional[0]), str(args.positional[1].value)
        if isinstance(value, Obj) and (
            attribute in value.attrs or (value.cls is not None and attributes.of_class(m, value.cls, attribute, None))
        ):
            if not isinstance(value.attrs.get(attribute), Unknown):
                return Const(True)
        if isinstance(value, Obj) and value.state.get("module") and attribute == "module":
            return Const(value.state.get("wrapped") is not None)
        if attribute in OF_TENSORS and _is_loss(value):
            return Const(True)
    return Expr("hasattr", args.positional, {}, place)


def _is_loss(value: Value) -> bool:
    """Is it what a criterion gives, or its `.data`: a tensor for sure?"""
    while isinstance(value, Expr) and value.op == "attribute" and value.name == "data":
        value = value.args[0]
    return isinstance(value, Expr) and value.op == "criterion"


@handles("builtins.getattr")
def getattr_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """getattr with a known name; the name may be one of several."""
    if len(args.positional) < 2:
        return Unknown("getattr with other arguments")
    value = m.resolve(args.positional[0])

    def read(attribute: Value) -> Value:
        if isinstance(attribute, Const) and isinstance(attribute.value, str):
            found = attributes.get(m, value, attribute.value, place)
            if isinstance(found, Unknown) and len(args.positional) > 2:
                return args.positional[2] if isinstance(value, (Obj, Collection)) else found
            return found
        return Expr("getattr", (value, attribute), {}, place)

    return m.each_alternative(args.positional[1], read)


@handles("builtins.setattr")
def setattr_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """setattr with a known name."""
    if len(args.positional) == 3 and isinstance(args.positional[1], Const) and isinstance(args.positional[1].value, str):
        attributes.put(m, args.positional[0], args.positional[1].value, args.positional[2], place)
    elif args.positional and isinstance(target := m.resolve(args.positional[0]), Obj):
        m.write(target.state, "unresolved", True)
        for known, value in target.attrs.items():
            m.write(target.attrs, known, collections.default_named(str(known), value, place))
        if len(args.positional) == 3 and isinstance(args.positional[2], (Obj, Param)):
            attributes.put(m, target, f"<attribute {m.serial()}>", args.positional[2], place)
    return NONE


@handles("builtins.super")
def super_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """super() and super(Class, self)."""
    if len(args.positional) == 2 and isinstance(args.positional[0], ClassValue):
        return Super(args.positional[1], args.positional[0])
    if m.activation.self_value is not None and m.activation.owner is not None:
        return Super(m.activation.self_value, m.activation.owner)
    return Unknown("super() outside a method")


@handles("builtins.next")
def next_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """next: the element of an iterator."""
    return iteration.element(m, _first(args))


@handles("builtins.vars")
def vars_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """vars(namespace): its attributes as a dict."""
    value = m.resolve(_first(args))
    if isinstance(value, Obj):
        return attributes.as_dict(m, value, place)
    return value if isinstance(value, Collection) else Unknown("vars of an unknown object")


@handles("builtins.type")
def type_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """type(x) of an instance of a project class."""
    value = m.resolve(_first(args))
    if isinstance(value, Obj) and len(args.positional) == 1:
        return value.cls if value.cls is not None else External(value.library)
    if len(args.positional) == 1 and _is_loss(value):
        return External("torch.Tensor")
    return Expr("type", args.positional, {}, place)


@handles("builtins.exit", "builtins.quit", "sys.exit", "os._exit", "os.abort")
def exit_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Leaving the program: nothing after it runs."""
    return Expr("exit", (), {}, place)


@handles("builtins.eval")
def eval_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """eval of a text that is known to be a name: `eval('optim.' + name)`."""

    def named(text: Value) -> Value:
        if isinstance(text, Const) and isinstance(text.value, str) and text.value.replace(".", "").replace("_", "").isalnum():
            try:
                node = ast.parse(text.value, mode="eval").body
            except SyntaxError:
                return Unknown("eval of a text that is no expression")
            if isinstance(node, (ast.Name, ast.Attribute)):
                from reglint.reader.expressions import evaluate

                ast.copy_location(node, place.node)  # type: ignore[arg-type]
                return evaluate(m, ast.fix_missing_locations(node))
        return Unknown("eval of a text that is not known")

    return m.each_alternative(_first(args), named)


@handles("builtins.exec", "runpy.run_path")
def exec_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """exec of a text: it may replace the module's constants, which are defaults from here on."""
    found = m.env.scope.vars
    for key, value in list(found.items()):
        if isinstance(value, Const) and isinstance(value.value, (int, float)) and not key.startswith("__"):
            m.write(found, key, collections.default_named(key, value, place))
    return NONE


@handles("functools.partial")
def partial(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """functools.partial."""
    return PartialCall(_first(args), args.positional[1:], dict(args.keywords))


@handles("functools.wraps", "functools.lru_cache", "functools.cache")
def same_function(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Decorators that keep the function's meaning."""
    first = args.positional[0] if args.positional else None
    return first if isinstance(first, Function) and name != "functools.wraps" else External("functools.identity")


@handles("functools.identity")
def identity(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """A decorator that returns its function."""
    return _first(args)


@handles("copy.copy")
def shallow_copy(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """copy.copy of a dict or list; objects are taken to be the same."""
    value = m.resolve(_first(args))
    if isinstance(value, Collection):
        return Collection(value.kind, dict(value.attrs), place)
    return value


@handles("builtins.print", "logging.info", "logging.warning", "logging.debug", "warnings.warn")
def say(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Printing changes nothing."""
    return NONE


@handles("builtins.min", "builtins.max")
def extreme(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """min and max of constants."""
    if len(args.positional) > 1 and all(isinstance(a, Const) and isinstance(a.value, (int, float)) for a in args.positional):
        return (min if name.endswith("min") else max)(args.positional, key=lambda a: a.value)  # type: ignore[attr-defined]
    return Expr(name.rpartition(".")[2], args.positional, {}, place)


@handles("builtins.globals", "builtins.locals")
def namespace(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """globals(): the module's variables; what is written to it is written to them."""
    made = new_dict(dict(m.env.scope.vars), True, place)
    if name == "builtins.globals":
        made.attrs["of"] = m.env.scope.vars
    return made


@handles("os.path.join")
def join_path(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """os.path.join of known parts."""
    if args.positional and all(isinstance(a, Const) and isinstance(a.value, str) for a in args.positional):
        text = "/".join(str(a.value).rstrip("/") for a in args.positional if isinstance(a, Const))
        return Const(text, Origin(OriginKind.LITERAL, "", place))
    return Expr("call", args.positional, {}, place, name)


@handles("importlib.import_module", "builtins.__import__")
def import_module(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """importlib.import_module with a known name."""

    def load(text: Value) -> Value:
        if isinstance(text, Const) and isinstance(text.value, str) and not text.value.startswith("."):
            return m.project.import_name(m, text.value, m.env)
        return Unknown("a module whose name is not known")

    return m.each_alternative(_first(args), load)


__all__ = ["ModuleRef", "Phi"]
