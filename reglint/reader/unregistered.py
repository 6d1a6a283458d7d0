"""What modules hold without owning it: modules in plain lists, tensors that should be parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reglint.reader import attributes
from reglint.reader.domain import Collection, Obj, Param, Tuple, is_plain
from reglint.reader.machine import Machine
from reglint.reader.modules import direct, info, parameters
from reglint.source import Place
from reglint.step.trace import Unregistered
from reglint.step.values import Const, Expr, Value, alternatives


def note(m: Machine) -> None:
    """Events for modules in plain containers and for tensors that nothing registers, as of the end of the run."""
    owned = {id(v) for one in m.modules for _, value in direct(one) for v in alternatives(value)}
    for obj in m.modules:
        if obj.cls is None or obj.state.get("copy") or obj.state.get("guessed") or attributes.of_class(m, obj.cls, "parameters", None):
            continue  # a library's, a copy (reported at the original), perhaps no module, or one that says what its parameters are
        for name, value in list(obj.attrs.items()):
            held = [one for side in alternatives(value) for one in _unowned(side, owned)] if isinstance(name, str) else []
            place = _place(value) or obj.place
            if held and place is not None:
                _emit(m, obj, name, value, held, place)


def _emit(m: Machine, obj: Obj, name: str, value: Value, held: list[Value], place: Place) -> None:
    params = frozenset(p.uid for one in held if isinstance(one, Obj) for _, p in parameters(m, one)[0])
    params |= frozenset(one.uid for one in held if isinstance(one, Param))
    kinds = tuple(_kind(one) for one in held)
    called = any(one.state.get("called") for one in held if isinstance(one, Obj)) or not isinstance(held[0], Obj)
    if params or "tensor" in kinds:
        node = place.node
        literal = len(node.elts) if isinstance(node, (ast.List, ast.Tuple)) else 0
        facts = {"attribute": name, "kinds": kinds, "params": params, "called": called, "value": value, "literal": literal}
        m.emit(Unregistered, place, module=info(m, obj), **facts)


def _kind(held: Value) -> str:
    if isinstance(held, Obj):
        return held.cls.name if held.cls is not None else held.library.rpartition(".")[2]
    return "Parameter" if isinstance(held, Param) and not held.plain else "tensor"


def _place(value: Value) -> Place | None:
    for one in alternatives(value):
        if isinstance(one, (Collection, Expr, Param)) and one.place is not None:
            return one.place
    return None


def _unowned(value: Value, owned: set[int]) -> list[Value]:
    """The modules and parameters in a plain container, or a tensor that asks for a gradient, that no module registers."""
    if isinstance(value, (Collection, Tuple)):
        return [one for one in _members(value) if (isinstance(one, Param) or one.state.get("module")) and id(one) not in owned]
    if is_plain(value):
        return [value] if isinstance(value, Param) and value.state["requires_grad"] is True else []
    if not isinstance(value, Expr):
        return []
    if value.op == "same" and value.args:
        inner = value.args[0]
        if isinstance(inner, Param):
            if "data" in inner.state and _may_be_there(value.place, inner.state["data"]):
                return []
            return [value] if inner.state["requires_grad"] is True and id(inner) not in owned else []
        return [value] if _unowned(inner, owned) else []
    flag = value.attrs.get("requires_grad")
    return [value] if isinstance(flag, Const) and flag.value is True else []


_CREATING = frozenset("zeros ones randn rand randint empty full tensor as_tensor Tensor FloatTensor from_numpy eye arange linspace".split())
_KEEPING = frozenset("same mul div add sub neg pow exp log sqrt clone float uniform_ normal_ fill_ zero_ mul_ div_ add_ sub_".split())


def _may_be_there(move: Place | None, data: Value | None) -> bool:
    """`nn.Parameter(x.to(device)).to(device)`: what is on the device already is returned as it is, a Parameter.

    `data`: what the parameter was made from. Only what was created nearby is known not to be there.
    """
    asked = _asked(move)
    while isinstance(data, Expr):
        if data.op == "same" and asked and _asked(data.place) == asked:
            return True
        if data.op in _CREATING:
            node = data.place.node if data.place is not None else None
            device = next((ast.dump(k.value) for k in node.keywords if k.arg == "device"), "") if isinstance(node, ast.Call) else ""
            return asked == ("to", device)
        if data.op not in _KEEPING:
            return True
        data = next((arg for arg in data.args if isinstance(arg, Expr)), None)
    return True


def _asked(move: Place | None) -> tuple[str, ...]:
    """The method of a move and its arguments as they are written."""
    node = move.node if move is not None else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ()
    return node.func.attr, *(ast.dump(one) for one in (*node.args, *node.keywords))


def _members(value: Collection | Tuple) -> Iterator[Obj | Param]:
    for item in value.items.values() if isinstance(value.items, dict) else value.items:
        for one in alternatives(item):
            if isinstance(one, (Collection, Tuple)):
                yield from _members(one)
            elif isinstance(one, (Obj, Param)) and not is_plain(one):
                yield one
