"""Reading and writing attributes: instances, classes, modules, libraries and unknown values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reglint.knowledge.names import canonical
from reglint.reader.domain import (
    Arguments,
    Bound,
    ClassValue,
    Collection,
    Each,
    External,
    Function,
    Method,
    ModuleRef,
    Obj,
    Package,
    Param,
    Params,
    Super,
    Tuple,
    new_dict,
)
from reglint.reader.journal import MISSING, maybe_absent, present
from reglint.source import Place
from reglint.step.trace import AssignedTooEarly, AttributeSet, DataRead, GradientRead
from reglint.step.values import Const, Expr, Phi, Unknown, Value

if TYPE_CHECKING:
    from reglint.reader.machine import Machine

MAX_BASES = 200
DICT_METHODS = frozenset("items keys values get update pop popitem copy setdefault clear fromkeys".split())

# Writing one of these to a tensor or module matters to training; near misses of requires_grad are RGL501.
WATCHED = frozenset(
    {"grad", "data", "training", "requires_grad", "require_grad", "requires_gradient", "require_grads", "requires_grads", "required_grad"}
)


def get(m: Machine, value: Value, name: str, place: Place) -> Value:
    """`value.name`."""
    value = m.resolve(value)
    if name == "grad" and isinstance(value, (Param, Each, Unknown, Expr)):
        m.emit(GradientRead, place, target=value)
    if name == "data" and isinstance(value, (Param, Each, Expr)):
        m.emit(DataRead, place, target=value, on=_kind(value))
    if name in ("__class__", "__name__") and (found := _of_classes(value, name)) is not None:
        return found
    match value:
        case Obj():
            return instance(m, value, name, place)
        case ModuleRef():
            found = m.project.module_attribute(m, value.env, name) or _submodule(m, value, name)
            return m.resolve(found) if found is not None else Unknown(f"{value.env.name} has no {name}", name)
        case Package():
            return m.project.import_name(m, f"{value.name}.{name}", None)
        case External():
            return External(canonical(f"{value.name}.{name}"))
        case ClassValue():
            m.settings.setdefault(id(value), (value, set()))[1].add(name)
            return of_class(m, value, name, None) or _missing(m, value.attrs, name, value.name)
        case Super():
            return _of_super(m, value, name)
        case Phi():
            return m.each_alternative(value, lambda v: get(m, v, name, place))
        case Param() | Each():
            if name == "requires_grad" and isinstance(value, Param):
                flag = value.state["requires_grad"]
                return Const(flag) if isinstance(flag, bool) else Unknown("requires_grad differs by branch")
            if name in ("data", "grad", "shape", "dtype", "device"):
                return Expr(name, (value,), {}, place)
            if name == "ndim" and isinstance(value, Param) and value.ndim is not None:
                return Const(value.ndim)
            return Method(value, name)
        case Function():
            return value.attrs.get(name) or Method(value, name)
        case Collection(kind="dict") if name in value.items and name not in DICT_METHODS:
            # a namespace, or a dict that acts as one
            return present(m.resolve(value.items[name])) or Unknown(f"the key {name} is not set", name)
        case Collection() | Tuple() | Params():
            return Method(value, name)
        case Const() if name == "value" and value.value is not None:
            return value  # of an enum's member: no number and no text has such an attribute
        case Const():
            return Method(value, name) if value.value is not None else Expr("attribute", (value,), {}, place, name)
        case Expr(op="forward") if name in value.attrs:
            return value.attrs[name]  # what a model computes beside its output: `model(**batch).loss`
        case _:
            return Expr("attribute", (value,), {}, place, name)


def _submodule(m: Machine, package: ModuleRef, name: str) -> Value | None:
    """`package.name` for a submodule: some import has bound it, or the program would not run."""
    folder, _, file = package.env.source.absolute.replace("\\", "/").rpartition("/")
    found = m.project.import_name(m, f"{folder}:{name}", None) if file == "__init__.py" else None
    return found if isinstance(found, ModuleRef) else None


def instance(m: Machine, obj: Obj, name: str, place: Place) -> Value:
    """An attribute of an instance: its own, its class's (properties are evaluated), its library base's."""
    if name == "__dict__":
        return as_dict(m, obj, place)
    found = _present(m, obj, name)
    if obj.library == "argparse.Namespace" or (obj.cls is not None and obj.cls.is_dataclass):
        m.settings.setdefault(id(obj), (obj, set()))[1].add(name)
    if found is not None:
        return found
    if obj.cls is not None:
        of_its_class = of_class(m, obj.cls, name, obj)
        if of_its_class is not None:
            return of_its_class
    if obj.library:
        from reglint.reader import modules

        special = modules.attribute(m, obj, name, place)
        if special is not None:
            return special
        return Method(obj, name)
    if name == "zero_grad" and (obj.state.get("module") or (obj.cls is not None and library_base(obj.cls).startswith("torch.optim."))):
        return Method(obj, name)  # the base was not found or not set up, but what else clears gradients?
    return _missing(m, obj.attrs, name, obj.cls.name if obj.cls else "object")


def _of_classes(value: Value, name: str) -> Value | None:
    """`x.__class__` of an object, `C.__name__` of a class or function."""
    if isinstance(value, Obj) and name == "__class__":
        return value.cls if value.cls is not None else External(value.library)
    if name == "__name__" and isinstance(value, (ClassValue, Function)):
        return Const(value.name.rpartition(".")[2])
    if name == "__name__" and isinstance(value, External) and (last := value.name.rpartition(".")[2])[:1].isupper():
        return Const(last)
    return None


def as_dict(m: Machine, obj: Obj, place: Place) -> Collection:
    """`vars(obj)` or `obj.__dict__`; what is written to it is written to the object."""
    m.settings.setdefault(id(obj), (obj, set()))[1].update(obj.attrs)  # whoever has the dict may read them all
    made = new_dict(dict(obj.attrs), bool(obj.state.get("open")), place)
    made.attrs["of"] = obj.attrs
    return made


def _present(m: Machine, obj: Obj, name: str) -> Value | None:
    """The object's own attribute; where it may be absent, the class's stands in."""
    found = obj.attrs.get(name)
    if found is None:
        return None
    found = m.resolve(found)
    if not maybe_absent(found):
        return found
    otherwise = of_class(m, obj.cls, name, obj) if obj.cls is not None else None
    return present(found, otherwise)


def _missing(m: Machine, attrs: dict[str, Value], name: str, owner: str) -> Value:
    # The same unknown each time, so that tests of `self.flag` agree with each other.
    unknown = Unknown(f"{owner}.{name} is set nowhere that was read", name)
    m.write(attrs, name, unknown)
    return unknown


def linearized(cls: ClassValue) -> Iterator[ClassValue]:
    """The class and its project bases, depth first; one that is reached on several ways comes after all that derive from it."""
    if cls.order is None:
        cls.order = tuple(one for one in _order(cls) if isinstance(one, ClassValue))
    return iter(cls.order)


def _order(cls: ClassValue) -> list[Value]:
    """The same with the bases that are not of the project."""
    found: list[Value] = []
    stack: list[Value] = [cls]
    while stack and len(found) < MAX_BASES:
        top = stack.pop(0)
        found.append(top)
        stack = [*(top.bases if isinstance(top, ClassValue) else ()), *stack]
    last = {_identity(one): index for index, one in enumerate(found)}
    return [one for index, one in enumerate(found) if last[_identity(one)] == index]


def _identity(base: Value) -> object:
    return base.name if isinstance(base, External) else id(base)


def library_base(cls: ClassValue) -> str:
    """The canonical name of the first library class among the bases, `?` if a base is unknown, empty if there is none."""
    unknown = ""
    for one in linearized(cls):
        for base in one.bases:
            if isinstance(base, External) and base.name not in _PLAIN_BASES:
                return base.name
            if not isinstance(base, (External, ClassValue)):
                unknown = "?"
    return unknown


_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "enum.Enum", "typing.Protocol", "typing.NamedTuple"})


def enum_member(cls: ClassValue, args: Arguments) -> Const | None:
    """`Mode("train")` of an enum: the member of that value, which is the value itself here as `Mode.TRAIN` is; None for no such call."""
    if len(args.positional) != 1 or not isinstance(args.positional[0], Const):
        return None
    if not any(isinstance(base, External) and base.name.startswith("enum.") for one in linearized(cls) for base in one.bases):
        return None
    wanted = args.positional[0]
    return wanted if any(isinstance(v, Const) and v.value == wanted.value for v in cls.attrs.values()) else None


def of_class(m: Machine, cls: ClassValue, name: str, obj: Obj | None, after: ClassValue | None = None) -> Value | None:
    """An attribute found on the class or its bases (beyond `after`), bound to `obj`; None if there is none."""
    active = after is None
    for one in linearized(cls):
        if not active:
            active = one is after
            continue
        found = one.attrs.get(name)
        if found is None:
            continue
        found = m.resolve(found)
        return bind(m, found, obj if obj is not None else None, cls)
    return None


def bind(m: Machine, value: Value, obj: Obj | None, cls: ClassValue) -> Value:
    """What a class attribute is when read through an instance: methods are bound, properties evaluated."""
    if not isinstance(value, Function):
        return value
    kinds = {d.name for d in value.decorators if isinstance(d, External)}
    if "builtins.staticmethod" in kinds:
        return value
    if "builtins.classmethod" in kinds:
        return Bound(cls, value)
    if obj is None:
        return value
    if kinds & {"builtins.property", "functools.cached_property"}:
        from reglint.reader import calls
        from reglint.reader.domain import Arguments

        return calls.call_function(m, value, Arguments((obj,), {}), None)
    return Bound(obj, value)


def _of_super(m: Machine, value: Super, name: str) -> Value:
    obj = value.self
    if isinstance(obj, Obj) and obj.cls is not None:
        found = of_class(m, obj.cls, name, obj, after=value.cls)
        if found is not None and not _of_module_first(obj.cls, name, value.cls):
            return found
        return Method(obj, f"super.{name}")
    return Expr("attribute", (obj,), {}, None, name)


def _of_module_first(cls: ClassValue, name: str, after: ClassValue) -> bool:
    """Is `super().name` that of nn.Module, which is named before the project's base that has it too: `class Net(nn.Module, Mixin)`?"""
    from reglint.reader import modules

    order = _order(cls)
    following = order[order.index(after) + 1 :] if after in order else []
    first = next((one for one in following if isinstance(one, External) or (isinstance(one, ClassValue) and name in one.attrs)), None)
    return isinstance(first, External) and first.name in modules.MODULE_BASES and (name == "__init__" or name in modules.MODULE_METHODS)


def put(m: Machine, target: Value, name: str, value: Value, place: Place, augmented: bool = False) -> None:
    """`target.name = value`."""
    target = m.resolve(target)
    if name == "data":
        from reglint.reader import averages

        averages.note(m, target, value, place, True)
    if name in WATCHED and not _of_its_own(m, target, name):
        from reglint.reader import modules

        alone = name == "grad" and from_parameters_alone(value)
        params = modules.snapshot(m, modules.as_params(target)) if "grad" in name else None
        m.emit(
            AttributeSet, place, target=target, name=name, value=value, augmented=augmented, on=_kind(target), params=params,
            from_parameter_alone=alone,
        )  # fmt: skip
    if isinstance(target, Obj) and _too_early(m, target, value):
        m.emit(AssignedTooEarly, place, class_name=target.cls.name if target.cls else "", attribute=name)
    if isinstance(target, Phi):
        m.each_alternative(target, lambda one: _put_one(m, one, name, value))
    else:
        _put_one(m, target, name, value)


def _of_its_own(m: Machine, target: Value, name: str) -> bool:
    """Does the name belong to the target's class: a plain class, or one that defines an attribute or property of that name?"""
    if not isinstance(target, Obj) or target.cls is None:
        return False
    return not target.library or of_class(m, target.cls, name, None) is not None


_KEEPS_TO_ITSELF = frozenset(
    {
        "mul",
        "div",
        "add",
        "sub",
        "neg",
        "sign",
        "abs",
        "pow",
        "data",
        "detach",
        "same",
        "clone",
        "square",
        "clamp",
        "randn_like",
        "rand_like",
    }
)


def from_parameters_alone(value: Value) -> bool:
    """Is it computed from parameters and plain numbers, without any gradient or other tensor?"""
    from reglint.reader.objective import leaves

    found = False
    stack, seen = [value], set[int]()
    while stack and len(seen) < 200:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            if top.op not in _KEEPS_TO_ITSELF:
                return False  # a gradient, or something that may hold one
            stack.extend(top.args)
    for leaf in leaves(value):
        if isinstance(leaf, (Param, Each)):
            found = True
        elif not isinstance(leaf, (Const, Unknown)):
            return False
    return found


def _too_early(m: Machine, owner: Obj, value: Value) -> bool:
    """Is a part assigned to a module in its constructor before nn.Module.__init__() has made room for it?"""
    if owner.cls is None or owner.library != "torch.nn.Module" or owner.state.get("initialised") or owner.cls.is_dataclass:
        return False
    part = (isinstance(value, Param) and not value.plain) or (isinstance(value, Obj) and bool(value.state.get("module")))
    function = m.activation.function
    return part and m.activation.self_value is owner and function is not None and function.name.endswith("__init__")


def _put_one(m: Machine, target: Value, name: str, value: Value) -> Value:
    if isinstance(target, Obj):
        from reglint.reader import modules

        if target.state.get("module") and modules.assign(m, target, name, value):
            return value
        own = of_class(m, target.cls, name, None) if target.cls is not None else None
        if isinstance(own, Function) and isinstance(setter := own.attrs.get("setter"), Function):
            from reglint.reader import calls

            calls.call_function(m, setter, Arguments((target, value), {}), None)
            return value
        m.write(target.attrs, name, value)
    elif isinstance(target, (ClassValue, Function)):
        m.write(target.attrs, name, value)
    elif isinstance(target, Collection) and target.kind == "dict":
        m.write(target.attrs, "items", {**target.items, name: value})
    elif isinstance(target, Param) and name == "requires_grad":
        flag = value.value if isinstance(value, Const) and isinstance(value.value, bool) and not value.adjustable else None
        m.write(target.state, name, flag)
    elif isinstance(target, Each) and name == "requires_grad" and target.params.members is not None:
        flag = value.value if isinstance(value, Const) and isinstance(value.value, bool) and not value.adjustable else None
        for _, param in target.params.members:
            m.write(param.state, name, flag)
    elif isinstance(target, ModuleRef):
        m.write(target.env.scope.vars, name, value)
    return value


def delete(m: Machine, target: Value, name: str) -> None:
    """`del target.name`."""
    if isinstance(target, (Obj, ClassValue)) and name in target.attrs:
        m.write(target.attrs, name, MISSING)
    if isinstance(target, Obj):
        for held in ("children", "params"):
            content = target.state.get(held) or {}
            if name in content:
                m.write(target.state, held, {n: v for n, v in content.items() if n != name})


def _kind(target: Value) -> str:
    match target:
        case Param(plain=True):
            return "tensor"
        case Param() | Each():
            return "parameter"
        case Obj() if target.state.get("module"):
            return "module"
        case Expr():
            return "tensor"
        case _:
            return "unknown"
