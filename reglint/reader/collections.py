"""Methods of lists, sets and dicts."""

from __future__ import annotations

from reglint.reader import calls, iteration
from reglint.reader.domain import NONE, Arguments, Collection, Params, Tuple, new_list
from reglint.reader.journal import maybe_absent, present
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Const, Expr, Origin, OriginKind, Unknown, Value

MAX_ITEMS = 400  # longer lists are known to hold more than is shown


def call(m: Machine, target: Collection | Tuple, name: str, args: Arguments, place: Place) -> Value:
    """`target.name(...)` of a list, set, dict or tuple."""
    if isinstance(target, Tuple):
        return Expr("call", (target, *args.positional), args.keywords, place, name)
    first = m.resolve(args.positional[0]) if args.positional else NONE
    if target.kind == "dict":
        return _of_dict(m, target, name, first, args, place)
    return _of_list(m, target, name, first, args, place)


def _of_list(m: Machine, target: Collection, name: str, first: Value, args: Arguments, place: Place) -> Value:
    match name:
        case "append" | "add":
            _set_items(m, target, (*target.items, first))
        case "insert":
            value = m.resolve(args.positional[-1]) if args.positional else NONE
            at = first.value if isinstance(first, Const) else None
            if isinstance(at, int) and not target.open:
                _set_items(m, target, (*target.items[:at], value, *target.items[at:]))
            else:
                _set_items(m, target, (*target.items, value))
                m.write(target.attrs, "open", True)
        case "extend" | "update":
            joined = iteration.concatenate(Collection("list", target.attrs), calls.as_list(first), place)
            if isinstance(joined, Collection):
                _set_items(m, target, joined.items)
                m.write(target.attrs, "open", joined.open)
            elif isinstance(joined, Params):
                m.write(target.attrs, "items", (joined,))
        case "pop":
            return iteration.taken(m, target, first if args.positional else Const(-1))
        case "copy":
            return new_list(target.items, target.open, place, target.kind)
        case "clear":
            m.write(target.attrs, "items", ())
        case "reverse" if not target.open:
            m.write(target.attrs, "items", target.items[::-1])
        case "remove" | "sort" | "reverse" | "discard":
            shuffled(m, target)
        case _:
            return Expr("call", (target, *args.positional), args.keywords, place, name)
    return NONE


def _set_items(m: Machine, target: Collection, items: tuple[Value, ...]) -> None:
    if len(items) > MAX_ITEMS and len(items) > len(target.items):
        m.write(target.attrs, "open", True)
    else:
        m.write(target.attrs, "items", items)


def shuffled(m: Machine, target: Collection) -> None:
    """The same elements in an order, or a number, that is not known: no position shows a plain value any more."""
    m.write(target.attrs, "open", True)
    changed = (Unknown("an element of a list that was changed") if isinstance(v, Const) else v for v in target.items)
    m.write(target.attrs, "items", tuple(changed))


def _of_dict(m: Machine, target: Collection, name: str, first: Value, args: Arguments, place: Place) -> Value:
    match name:
        case "get" | "pop" | "setdefault":
            return _looked_up(m, target, name, first, args, place)
        case "items":
            return new_list(tuple(Tuple((Const(k), v)) for k, v in _shown(target)), target.open)
        case "values":
            return new_list(tuple(v for _, v in _shown(target)), target.open)
        case "keys":
            return new_list(tuple(Const(k) for k, _ in _shown(target)), target.open)
        case "update":
            update(m, target, first if args.positional else NONE, args, place)
            return NONE
        case "clear":
            m.write(target.attrs, "items", {})
            return NONE
        case "copy":
            return Collection("dict", {**target.attrs, "items": dict(target.items)}, place)
        case _:
            if name in target.items:
                return calls.call(m, target.items[name], args, place)
            return Expr("call", (target, *args.positional), args.keywords, place, name)


def _shown(target: Collection) -> list[tuple[object, Value]]:
    return [(k, kept) for k, v in target.items.items() if (kept := present(v)) is not None]


def _looked_up(m: Machine, target: Collection, name: str, first: Value, args: Arguments, place: Place) -> Value:
    key = first.value if isinstance(first, Const) else None
    given = args.positional[1] if len(args.positional) > 1 else args.keywords.get("default")
    unset = Unknown(f"no key {key!r} is set", str(key))
    if not isinstance(key, (str, int)):
        return iteration.item(m, target, first, place)
    if key in target.items:
        found = m.resolve(target.items[key])
        if name == "pop":
            iteration.taken(m, target, first)
        return present(found, given or (unset if target.open or name == "pop" else NONE)) or unset
    if target.open or (name == "pop" and given is None):
        return unset
    missing = given or NONE
    if name == "setdefault":
        m.write(target.attrs, "items", {**target.items, key: missing})
    return missing


def update(m: Machine, target: Collection, other: Value, args: Arguments, place: Place) -> None:
    """`target.update(other, **args)`, also of the attributes of an object that the dict is a view of."""
    known = other if isinstance(other, Collection) and other.kind == "dict" else None
    none = isinstance(other, Const) and other.value is None
    given = {**(known.items if known is not None else {}), **args.keywords}
    unknown = args.extra or (known.open if known is not None else not none)
    before = overridable(target.items, place) if unknown else target.items
    m.write(target.attrs, "items", {**before, **given})
    m.write(target.attrs, "open", target.open or unknown)
    written_through(m, target, {**(before if unknown else {}), **given})


def written_through(m: Machine, target: Collection, items: dict[object, Value]) -> None:
    """The dict may be a view of an object's attributes or of a module's variables: what is written to it is written to them."""
    owner = target.attrs.get("of")
    if isinstance(owner, dict):
        for name, value in items.items():
            m.write(owner, name, value)


def entries(value: Collection) -> tuple[Value, ...]:
    """The values in a list, set or dict."""
    return tuple(value.items.values()) if value.kind == "dict" else value.items


def overridable(items: dict[object, Value], place: Place) -> dict[object, Value]:
    """The same entries where something not known may have replaced them: plain values are defaults from here on."""
    return {k: default_named(str(k), v, place) for k, v in items.items()}


def default_named(name: str, value: Value, place: Place | None) -> Value:
    """A plain value as the default of a setting that can be given from outside."""
    if isinstance(value, Const) and not value.adjustable and value.value is not None:
        return Const(value.value, Origin(OriginKind.OPTION, name, value.origin.place if value.origin is not None else place))
    return value


def holds(target: Collection, key: object) -> bool | None:
    """Is the key in the dict? None where it may be."""
    if key in target.items:
        return None if maybe_absent(target.items[key]) else True
    return None if target.open else False
