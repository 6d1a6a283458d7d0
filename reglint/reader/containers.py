"""Editing nn.Sequential, ModuleList, ModuleDict and their like: what is inserted, taken out, copied."""

from __future__ import annotations

from reglint.reader import modules
from reglint.reader.domain import Collection, Obj, Tuple
from reglint.reader.machine import Machine
from reglint.step.values import Const, Unknown, Value

CONTAINERS = modules.LIST_CONTAINERS | modules.DICT_CONTAINERS


def is_container(obj: Obj) -> bool:
    """A container or an instance of a subclass of one."""
    return obj.library in CONTAINERS and obj.state.get("module") is True


def insert(m: Machine, obj: Obj, index: Value, value: Value) -> None:
    """`container.insert(i, module)`."""
    values = list(_children(obj).values())
    if isinstance(index, Const) and isinstance(index.value, int) and not obj.state.get("unresolved"):
        values.insert(index.value, value)
        _renumber(m, obj, values)
    else:
        modules.add_children(m, obj, [value], True)


def remove(m: Machine, obj: Obj, index: Value) -> Value:
    """`container.pop(i)` or `del container[i]`; list containers are numbered anew."""
    children = _children(obj)
    name: object = index.value if isinstance(index, Const) else None
    if isinstance(name, int) and obj.library in modules.LIST_CONTAINERS:
        name = list(children)[name] if -len(children) <= name < len(children) else None
    if name not in children or obj.state.get("unresolved"):
        m.write(obj.state, "unresolved", True)
        return Unknown("taken out of a container")
    rest = {n: v for n, v in children.items() if n != name}
    if obj.library in modules.LIST_CONTAINERS:
        _renumber(m, obj, list(rest.values()))
    else:
        m.write(obj.state, "children", rest)
    return children[name]


def clear(m: Machine, obj: Obj) -> None:
    """`container.clear()`."""
    m.write(obj.state, "children", {})


def part(m: Machine, obj: Obj, bounds: list[Value]) -> Obj | None:
    """`container[a:b]`: a new container of the same modules. A Sequential keeps their names, a ModuleList does not."""
    limits = [b.value for b in bounds if isinstance(b, Const) and (b.value is None or isinstance(b.value, int))]
    if obj.library not in modules.LIST_CONTAINERS or obj.state.get("unresolved") or len(limits) < len(bounds):
        return None
    made = Obj(None, obj.library, {}, obj.place)
    modules.prepare(m, made)
    made.state["training"] = obj.state.get("training") if obj.library == "torch.nn.Sequential" else True
    chosen = list(_children(obj).items())[slice(*limits)]
    named = dict(chosen) if obj.library == "torch.nn.Sequential" else {str(i): v for i, (_, v) in enumerate(chosen)}
    m.write(made.state, "children", named)
    return made


def pairs(values: tuple[Value, ...]) -> dict[object, Value] | None:
    """`[("name", module), ...]` as a dict; None for anything else."""
    found: dict[object, Value] = {}
    for one in values:
        items = one.items if isinstance(one, Tuple) or (isinstance(one, Collection) and one.kind == "list" and not one.open) else ()
        if len(items) != 2 or not isinstance(items[0], Const):
            return None
        found[items[0].value] = items[1]
    return found or None


def _children(obj: Obj) -> dict[object, Value]:
    return obj.state.get("children") or {}


def _renumber(m: Machine, obj: Obj, values: list[Value]) -> None:
    m.write(obj.state, "children", {str(i): v for i, v in enumerate(values)})
