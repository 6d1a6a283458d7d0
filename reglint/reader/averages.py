"""Running averages of a model in another one: `average.mul_(0.99).add_(param, alpha=0.01)` over the parameters of both."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.reader import modules
from reglint.reader.domain import Each, Obj, Param
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import Blended
from reglint.step.values import Expr, Phi, Value

MAX_NODES = 30
# Methods and attributes that give the tensor itself, changed in place or without its graph.
ITSELF = frozenset({"data", "detach", "detach_", "mul_", "add_", "sub_", "div_", "same", "copy_"})


def note(m: Machine, target: Value, given: Value, place: Place, whole: bool = False) -> None:
    """Record that parameters of one model are mixed with those of another. `whole`: `given` replaces the target, so it has to hold it."""
    mixed = _tensor(target)
    if mixed is None or m.muted or m.idle:
        return
    inside = list(_parameters(given))
    sources = [one for one in inside if one is not mixed]
    if not sources or (whole and not any(one is mixed for one in inside)):
        return  # a number, a gradient, or a copy of what another model holds
    owner = _owner(m, mixed)
    if owner is not None and not any(_owner(m, one) is owner for one in sources):
        m.emit(Blended, place, module=modules.info(m, owner), target=mixed, source=sources[0])


def _tensor(value: Value) -> Param | Each | None:
    while isinstance(value, Expr) and value.args and (value.op in ITSELF or (value.op == "attribute" and value.name == "data")):
        value = value.args[0]
    return value if isinstance(value, Param) or (isinstance(value, Each) and value.aspect == "tensor") else None


def _parameters(value: Value) -> Iterator[Param | Each]:
    """The parameters that a value is computed from; none where a gradient goes into it."""
    found: list[Param | Each] = []
    stack, seen = [value], set[int]()
    while stack and len(seen) < MAX_NODES:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Param) or (isinstance(top, Each) and top.aspect == "tensor"):
            found.append(top)
        elif isinstance(top, Expr) and (top.op == "grad" or top.name == "grad"):
            return
        elif isinstance(top, Expr):
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
    yield from found


def _owner(m: Machine, tensor: Param | Each) -> Obj | None:
    """The outermost model that holds a parameter."""
    if isinstance(tensor, Each):
        owner = tensor.params.owners[0] if len(tensor.params.owners) == 1 else None
        return owner if isinstance(owner, Obj) and owner.state.get("module") else None
    holding = [one for one in m.modules if any(param is tensor for _, param in modules.parameters(m, one)[0])]
    return max(holding, key=lambda one: len(modules.parameters(m, one)[0]), default=None)
