"""Sequences: items, slices, what a loop runs over, comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from reglint.reader.domain import (
    PARAMETER_NAME,
    Collection,
    Each,
    External,
    Iteration,
    Obj,
    Param,
    Params,
    Scope,
    Tuple,
    is_plain,
    new_dict,
    new_list,
)
from reglint.reader.journal import likely, maybe_absent, present
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Const, Expr, Phi, Unknown, Value, alternatives

EXACT_MODULES = 200  # modules of a model are looped over one by one up to this number
EXACT_NUMBERS = 64  # comprehensions over a range up to this length are carried out
EXACT_ITEMS = 8  # literal sequences up to this length are looped over item by item
MAX_PARAMETERS = 800  # models with more parameters are looped over symbolically


def item(m: Machine, value: Value, index: Value, place: Place) -> Value:
    """`value[index]`."""
    position = index.value if isinstance(index, Const) else None
    if isinstance(value, (Tuple, Collection)) and not (isinstance(value, Collection) and value.kind == "dict"):
        if isinstance(position, int) and -len(value.items) <= position < len(value.items):
            if any(map(maybe_absent, value.items[: position + 1] if position >= 0 else value.items)):
                return Expr("getitem", (value, index), {}, place)  # what stands there depends on what is there at all
            return m.resolve(value.items[position])
        if len(value.items) == 1 or (value.items and all(map(_is_module, value.items))):
            return m.resolve(value.items[0])  # one of several modules stands for all
        return Expr("getitem", (value, index), {}, place)
    if isinstance(value, Collection):
        if isinstance(position, (str, int, float)) and position in value.items:
            found = present(m.resolve(value.items[position])) or Unknown(f"the key {position!r} is not set", str(position))
            if isinstance(index, Const) and index.adjustable and isinstance(found, Value):
                return any_of(m, value, found, index)
            return found
        if isinstance(position, (str, int)):
            # The same missing key gives the same unknown each time.
            unknown = Unknown(f"nothing shown sets the key {position!r}", str(position))
            m.write(value.items, position, unknown)
            return unknown
        return any_of(m, value, None, index)
    if isinstance(value, Obj):
        from reglint.reader import modules

        child = modules.child(m, value, index)
        if child is not None:
            return child
    if isinstance(value, Params) and value.members is not None and isinstance(position, int):
        if -len(value.members) <= position < len(value.members):
            return _member(value, *value.members[position])
    if isinstance(value, External):
        return value  # List[int] and other generic aliases
    if isinstance(value, Expr) and value.op == "forward" and str(position) in value.attrs:
        return value.attrs[str(position)]  # the loss that a model computes itself
    stored = m.slots.get((value, position)) if isinstance(position, int) and isinstance(value, Expr) else None
    return stored or Expr("getitem", (value, index), {}, place)


def put_slot(m: Machine, target: Expr, index: Value, value: Value) -> None:
    """`totals[0] = x` of a freshly made tensor of zeros: each place is remembered; with an unknown index all are forgotten."""
    made = target.args[0] if target.op == "same" and target.args else target
    if not isinstance(made, Expr) or made.op not in ("zeros", "tensor"):
        return
    if isinstance(index, Const) and isinstance(index.value, int):
        m.write(m.slots, (target, index.value), value)
    else:
        for at in [at for at in m.slots if at[0] is target]:
            m.write(m.slots, at, None)


def _is_module(value: Value) -> bool:
    return all(isinstance(one, Obj) and one.state.get("module") for one in alternatives(value))


def present_items(m: Machine, items: tuple[Value, ...]) -> list[Value]:
    """The elements of a list, without those that are not there with default options."""
    found: list[Value] = []
    for item_ in items:
        one = m.resolve(item_)
        if maybe_absent(one):
            found.extend(likely(one))
        else:
            found.append(one)
    return found


def any_of(m: Machine, table: Collection, chosen: Value | None, index: Value) -> Value:
    """A lookup by an option in a table of a few entries: one of them, the default's first."""
    values = [v for v in table.items.values() if v is not chosen]
    if table.open or not table.items or len(values) > EXACT_ITEMS:
        return chosen if chosen is not None else Expr("getitem", (table, index), {}, None)
    result = chosen if chosen is not None else values.pop(0)
    names = {id(v): k for k, v in table.items.items()}
    for value in reversed(values):
        test = Expr("compare", (index, Const(names.get(id(value)))), {}, None, "==")
        condition, _ = m.condition(test)
        result = Phi(condition, value, result, 2 + (result.size if isinstance(result, Phi) else 0))
    return result


def sliced(m: Machine, value: Value, bounds: list[Value], place: Place) -> Value:
    """`value[a:b:c]`."""
    limits = [b.value for b in bounds if isinstance(b, Const) and isinstance(b.value, int | None)]
    cut = slice(*limits) if len(limits) == len(bounds) else None
    if isinstance(value, Params):
        members = value.members[cut] if value.members is not None and cut is not None else None
        return replace(value, members=members, filtered=value.filtered or members is None, label=f"part of {value.label}", iterator=False)
    if isinstance(value, (Tuple, Collection)) and not (isinstance(value, Collection) and value.kind == "dict"):
        if cut is None:
            from reglint.reader import collections

            made = new_list(value.items, True, place)
            collections.shuffled(m, made)
            return made
        part = value.items[cut]
        return Tuple(part) if isinstance(value, Tuple) else new_list(part, value.open, place)
    if isinstance(value, Const) and isinstance(value.value, str) and cut is not None:
        return Const(value.value[cut], value.origin)
    if isinstance(value, Obj):
        from reglint.reader import containers

        cut_out = containers.part(m, value, bounds)
        return cut_out if cut_out is not None else Expr("slice", (value, *bounds), {}, place)
    return Expr("getitem", (value, *bounds), {}, place, "slice")


def taken(m: Machine, target: Collection, index: Value) -> Value:
    """`x.pop(i)` or `del x[i]` of a list or dict: what is taken out is gone."""
    position = index.value if isinstance(index, Const) else None
    if target.kind == "dict" and isinstance(position, (str, int)) and position in target.items:
        found = target.items[position]
        m.write(target.attrs, "items", {k: v for k, v in target.items.items() if k != position})
        return m.resolve(found)
    items = list(target.items)
    if target.kind == "list" and isinstance(position, int) and -len(items) <= position < len(items) and not target.open:
        found = items.pop(position)
        m.write(target.attrs, "items", tuple(items))
        return m.resolve(found)
    if target.kind == "list":
        from reglint.reader import collections

        collections.shuffled(m, target)
    return Unknown("taken out of a collection")


def concatenate(left: Value, right: Value, place: Place) -> Value | None:
    """`left + right` for sequences and parameter lists; None for anything else."""
    if isinstance(left, Tuple) and isinstance(right, Tuple):
        return Tuple(left.items + right.items)
    if isinstance(left, Params) and isinstance(right, Params):
        return union(left, right)
    if isinstance(left, Collection) and isinstance(right, Collection) and left.kind == right.kind == "list":
        return new_list(left.items + right.items, left.open or right.open, place)
    if isinstance(left, Params) or isinstance(right, Params):
        from reglint.reader import modules

        both = modules.as_params(left), modules.as_params(right)
        if both[0] is not None and both[1] is not None:
            return union(both[0], both[1])
    if isinstance(left, Collection) and left.kind == "list" and isinstance(right, Params):
        return new_list((*left.items, right), True, place) if left.items or left.open else right
    if isinstance(left, Params) and isinstance(right, Collection) and right.kind == "list":
        return new_list((left, *right.items), True, place) if right.items or right.open else left
    if isinstance(left, Collection) and left.kind == "list":
        return new_list((*left.items, element_of_unknown(right)), True, place)
    return None


def union(left: Params, right: Params) -> Params:
    """The parameters of both, in order."""
    members = None if left.members is None or right.members is None else left.members + right.members
    label = left.label if left.label == right.label else f"{left.label} + {right.label}"
    return Params(label, left.owners + right.owners, members, left.named, left.filtered or right.filtered, False)


def element_of_unknown(value: Value) -> Value:
    """What an unknown iterable yields."""
    return Expr("element", (value,), {}, None)


def element(m: Machine, value: Value) -> Value:
    """One element that stands for all that iterating over the value yields."""
    value = m.resolve(value)
    match value:
        case Iteration():
            return value.element
        case Params():
            tensor: Value = Each(value)
            return Tuple((Each(value, "name"), tensor)) if value.named else tensor
        case Tuple() | Collection(kind="list" | "set") if value.items:
            return next(iter(present_items(m, value.items)), element_of_unknown(value))
        case Collection(kind="dict") if value.items:
            return Const(next(iter(value.items)))
        case Obj():
            from reglint.reader import modules

            return modules.element(m, value)
        case Phi():
            return element(m, _one_of(m, value))
        case _:
            return element_of_unknown(value)


def _one_of(m: Machine, value: Phi) -> Value:
    """What stands for one of several iterables: the default's; of sets and lists all, with nothing known for sure; else the first."""
    found = list(likely(value))
    sets = [v for v in found if isinstance(v, Params)]
    if len(sets) > 1:
        return replace(sets[0], owners=tuple(o for s in sets for o in s.owners), members=None, filtered=True)
    lists = [v for v in found if isinstance(v, Tuple) or (isinstance(v, Collection) and v.kind != "dict")]
    if len(lists) == len(found) > 1:
        from reglint.reader import collections

        made = new_list(tuple({id(item_): item_ for one in lists for item_ in one.items}.values()), True)
        collections.shuffled(m, made)
        return made
    return found[0] if found else value.then


def passes(m: Machine, value: Value) -> tuple[list[Value], str, bool]:
    """What a loop over the value runs through: elements in order, the kind of loop, and whether that is exact.

    Inexact loops are evaluated twice with an element that stands for all.
    """
    value = m.resolve(value)
    if isinstance(value, Phi):
        value = _one_of(m, value)
    if isinstance(value, Tuple) or (isinstance(value, Collection) and value.kind in ("list", "set") and not value.open):
        items = present_items(m, value.items)
        if len(items) <= EXACT_ITEMS or (len(items) <= EXACT_MODULES and (all(map(_is_module, items)) or all(map(is_plain, items)))):
            return items, "items", True
        return _ends(items), "other", False
    if isinstance(value, Collection) and value.kind == "list":
        items = present_items(m, value.items)
        if len(items) > 1 and all(map(_is_module, items)):
            return _ends(items), "other", False  # of those that may be there, two: no module is met twice
    if isinstance(value, Collection) and value.kind == "dict" and not value.open and len(value.items) <= EXACT_ITEMS:
        return [Const(k) for k in value.items], "items", True
    if isinstance(value, Params):
        m.write(value.state, "used", value.state["used"] or value.iterator)
        if value.what == "parameters" and value.members is not None and 0 < len(value.members) <= EXACT_ITEMS:
            return [_member(value, n, p) for n, p in value.members], "parameters", True
        return [element(m, value)], "parameters", True
    if isinstance(value, Obj):
        from reglint.reader import modules

        children = modules.children_values(m, value)
        if children is not None and len(children) <= EXACT_ITEMS:
            return children, "items", True
        shown = modules.shown_children(value)
        if shown:
            return _ends(shown), "other", False
        one = modules.element(m, value)
        return [one, one], modules.loop_kind(value), False
    if isinstance(value, Iteration):
        if isinstance(value.count, Const) and value.kind == "items":
            return [value.element], "items", True
        return [value.element, value.last or value.element], value.kind, False
    one = element(m, value)
    return [one, one], "other", False


def _ends(items: list[Value]) -> list[Value]:
    """The first and the last of many: a loop leaves behind what it made of the last one, the activation of a network for instance."""
    return [items[0], items[-1]]


def _member(params: Params, name: str, param: Param) -> Value:
    return Tuple((Const(name, PARAMETER_NAME), param)) if params.named else param


Evaluate = Callable[[Machine, ast.expr], Value]


def comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, evaluate: Evaluate) -> Value:
    """A comprehension. Over the parameters of a resolved model it is carried out parameter by parameter."""
    from reglint.reader.statements import assign

    scope = Scope(m.env, m.scope)
    kind = "set" if isinstance(node, ast.SetComp) else "list"
    collected: list[Value] = []
    pairs: dict[object, Value] = {}
    state = {"open": False, "filtered": False}
    sources: list[Params] = []

    def emit() -> None:
        if isinstance(node, ast.DictComp):
            name, value = evaluate(m, node.key), evaluate(m, node.value)
            if isinstance(name, Const) and isinstance(name.value, (str, int)):
                pairs[name.value] = value
            else:
                state["open"] = True
            return
        collected.append(evaluate(m, node.elt))

    def run(depth: int) -> None:
        if depth == len(node.generators):
            emit()
            return
        generator = node.generators[depth]
        iterable = m.resolve(evaluate(m, generator.iter))
        if isinstance(iterable, Params):
            sources.append(iterable)
        elements, exact = all_elements(m, iterable)
        for one in elements:
            assign(m, generator.target, one)
            keep: bool | None = True
            for test in generator.ifs:
                truth = m.truth(evaluate(m, test))
                keep = False if truth is False else (None if truth is None else keep)
                if keep is False:
                    break
            if keep is False:
                continue  # the filter drops this element
            if keep is None:
                state["filtered"] = True
            run(depth + 1)
        state["open"] = state["open"] or not exact

    with m.inside(scope):
        run(0)
    if isinstance(node, ast.DictComp):
        return new_dict(pairs, state["open"] or state["filtered"], m.place(node))
    picked = _picked_parameters(collected, sources, state["filtered"])
    if picked is not None:
        if any(generator.ifs for generator in node.generators):
            picked.state["selected_at"] = m.place(node)
        return replace(picked, iterator=isinstance(node, ast.GeneratorExp))
    return new_list(tuple(collected), state["open"] or state["filtered"], m.place(node), kind)


def all_elements(m: Machine, iterable: Value) -> tuple[list[Value], bool]:
    """The elements for a comprehension or map, and whether these are all; long collections are gone through in full."""
    if isinstance(iterable, Iteration) and iterable.numbers is not None and len(iterable.numbers) <= EXACT_NUMBERS:
        return [Const(n) for n in iterable.numbers], True
    if isinstance(iterable, Tuple) or (isinstance(iterable, Collection) and not iterable.open and iterable.kind != "dict"):
        return present_items(m, iterable.items), True
    if isinstance(iterable, Params) and iterable.what == "parameters":
        if iterable.members is not None and len(iterable.members) <= MAX_PARAMETERS:
            return [_member(iterable, n, p) for n, p in iterable.members], True
        return [element(m, iterable)], False
    found, _, exact = passes(m, iterable)
    return (found, True) if exact else (found[:1], False)


def _picked_parameters(collected: list[Value], sources: list[Params], filtered: bool) -> Params | None:
    """The parameter set that a comprehension selects, where its elements are parameters of the sets it runs over."""
    if not sources or not (collected or filtered or sources):
        return None
    owners = tuple(o for s in sources for o in s.owners)
    label = sources[0].label if not filtered else f"part of {sources[0].label}"
    named = bool(collected) and all(isinstance(c, Tuple) and len(c.items) == 2 for c in collected)
    tensors = [c.items[1] if named and isinstance(c, Tuple) else c for c in collected]
    if all(isinstance(t, Param) for t in tensors) and all(s.members is not None for s in sources):
        wanted = {id(t) for t in tensors}
        members = tuple((n, p) for s in sources for n, p in s.members or () if id(p) in wanted)
        complete = sum(len(s.members or ()) for s in sources) == len(members)
        return Params(label if complete else f"part of {sources[0].label}", owners, None if filtered else members, named, filtered, False)
    if collected and all(isinstance(t, Each) and t.aspect == "tensor" for t in tensors):
        return Params(label, owners, None, named, filtered or any(s.filtered for s in sources), False)
    return None
