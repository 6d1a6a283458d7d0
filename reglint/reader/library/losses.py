"""torch's loss classes and functions: one event when built or called with their arguments, one when a loss is computed."""

from __future__ import annotations

from reglint.knowledge import losses as facts
from reglint.reader.domain import Arguments, Obj
from reglint.reader.library.registry import bound
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.model import Reduction
from reglint.step.trace import LibraryCall, LossComputed
from reglint.step.values import Const, Expr, Unknown, Value


def build(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a loss object."""
    obj = Obj(None, name, {}, place)
    fill(m, obj, args, place)
    return obj


def fill(m: Machine, obj: Obj, args: Arguments, place: Place) -> None:
    """Bind the constructor arguments of a loss object and record the construction."""
    known = facts.loss(obj.library)
    names = tuple(a.name for a in known.signature.arguments if a.position is not None) if known is not None else ()
    obj.arguments = bound(args, names)
    obj.state["loss"] = True
    obj.state["extra"] = args.extra
    m.emit(LibraryCall, place, name=obj.library, positional=args.positional, keywords=obj.arguments, result=obj, extra=args.extra)


def function(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Call a loss function of torch.nn.functional."""
    known = facts.loss(name)
    names = tuple(a.name for a in known.signature.arguments if a.position is not None) if known is not None else ()
    named = bound(args, names)
    first = args.positional[0] if args.positional else named.get(names[0] if names else "input", Unknown("no input"))
    second = (
        args.positional[1]
        if len(args.positional) > 1
        else named.get("target", named.get(names[1] if len(names) > 1 else "", Unknown("no target")))
    )
    reduction = reduction_of(named, args.extra)
    result = Expr("criterion", (first, second), {"reduction": Const(str(reduction))}, place, name)
    m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=named, result=result, extra=args.extra)
    m.emit(LossComputed, place, name=name, reduction=reduction, input=first, target=second, result=result, built=None, options=named)
    return result


def apply(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    """`criterion(input, target)`."""
    unknown: Value = Unknown("no input")
    first = args.positional[0] if args.positional else args.keywords.get("input", unknown)
    second = args.positional[1] if len(args.positional) > 1 else args.keywords.get("target", unknown)
    reduction = reduction_of(obj.arguments, bool(obj.state.get("extra")))
    result = Expr("criterion", (first, second), {"reduction": Const(str(reduction))}, place, obj.library)
    m.emit(
        LossComputed,
        place,
        name=obj.library,
        reduction=reduction,
        input=first,
        target=second,
        result=result,
        built=obj.place,
        options=obj.arguments,
    )
    return result


def reduction_of(named: dict[str, Value], extra: bool) -> Reduction:
    """The reduction that a call's arguments stand for; the legacy flags win. UNKNOWN where it is not shown."""
    legacy = [named.get("size_average"), named.get("reduce")]
    flags: list[bool | None] = []
    for value in legacy:
        if value is None:
            flags.append(None)
        elif isinstance(value, Const) and (value.value is None or isinstance(value.value, bool)):
            flags.append(value.value)
        else:
            return Reduction.UNKNOWN
    if any(f is not None for f in flags):
        return Reduction(facts.reduction_of(flags[0], flags[1]))
    given = named.get("reduction")
    if given is None:
        return Reduction.UNKNOWN if extra else Reduction.MEAN
    if isinstance(given, Const) and isinstance(given.value, str):
        text = {"elementwise_mean": "mean"}.get(given.value, given.value)
        return Reduction(text) if text in ("mean", "sum", "none", "batchmean") else Reduction.UNKNOWN
    return Reduction.UNKNOWN
