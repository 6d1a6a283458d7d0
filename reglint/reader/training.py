"""From a finished evaluation to its trace and step models."""

from __future__ import annotations

from dataclasses import replace

from reglint.knowledge import optimizers as facts
from reglint.reader import manual, modules, objective, split, unregistered
from reglint.reader.domain import Collection, Obj, Param
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step import model as step
from reglint.step.model import DecayKind, Number, Optimizer, ParamGroup, ParamSet, StepModel
from reglint.step.trace import Backward, Event, OptimizerBuilt, PenaltyAdded, Stepped, Trace
from reglint.step.values import Const, Expr, Phi, Value


def finish(m: Machine, name: str, path: str, speculative: bool) -> tuple[Trace, tuple[StepModel, ...]]:
    """Freeze what evaluation left: the trace of events with its optimizers filled in, and a step model per optimizer."""
    made: dict[int, Optimizer] = {}
    events: list[Event] = []
    unregistered.note(m)
    for event in m.events:
        if isinstance(event, OptimizerBuilt):
            obj = event.optimizer
            assert isinstance(obj, Obj)
            made[obj.uid] = describe(m, obj, event.place)
            event = replace(event, optimizer=made[obj.uid])
        events.append(event)
    trace = Trace(name, path, tuple(events), m.complete, speculative)
    steps = (*_steps(m, trace, made), *manual.steps(m, trace))
    return replace(trace, steps=steps), steps


# -- optimizers --------------------------------------------------------------------------------------------------------


def describe(m: Machine, obj: Obj, place: Place) -> Optimizer:
    """An optimizer with its groups; options are those of its construction, unless weight_decay was changed later."""
    known = facts.optimizer(obj.library)
    groups_value = obj.attrs.get("param_groups")
    groups = tuple(
        _group(m, obj, g, known) for g in (groups_value.items if isinstance(groups_value, Collection) else ()) if isinstance(g, Collection)
    )
    adaptive = known.adaptive if known is not None else False
    default = known.default_decay if known is not None else None
    return Optimizer(obj.uid, obj.library, groups, place.span, adaptive, default)


def _group(m: Machine, obj: Obj, group: Collection, known: facts.OptimizerFact | None) -> ParamGroup:
    initial: dict[object, Value] = obj.state["initial"].get(id(group), group.items)
    options: dict[str, Number] = {}
    for option, value in initial.items():
        if option == "params" or not isinstance(option, str):
            continue
        now = group.items.get(option)
        if option == "weight_decay" and now is not value:
            options[option] = Number(None, "changed after the optimizer was built")
        else:
            options[option] = objective.to_number(value)
    if group.open and "weight_decay" not in options:
        options["weight_decay"] = Number(None, "options passed in a dict that is not known")
    params = modules.as_params(group.items["params"]) if "params" in group.items else None
    over = modules.snapshot(m, params) if params is not None else None
    if over is None:
        unknown = group.items.get("params")
        owner = frozenset({modules.identity(m, unknown)}) if unknown is not None else frozenset()
        over = ParamSet("unknown parameters", owner, None, True)
    decay = _decay_kind(initial, known)
    inherited = group.attrs.get("inherited", frozenset())
    place = group.attrs.get("place")
    span = place.span if isinstance(place, Place) else None
    return ParamGroup(over, options, inherited, span, decay)


def _decay_kind(options: dict[object, Value], known: facts.OptimizerFact | None) -> DecayKind:
    if known is None:
        return DecayKind.UNKNOWN
    kind = known.decay
    for option, value, other in known.switches:
        given = options.get(option)
        if isinstance(given, Const) and given.value == value:
            kind = other
        elif given is not None and not isinstance(given, Const):
            return DecayKind.UNKNOWN
    return DecayKind(str(kind))


# -- steps -------------------------------------------------------------------------------------------------------------


def _steps(m: Machine, trace: Trace, optimizers: dict[int, Optimizer]) -> list[StepModel]:
    found: dict[tuple[int, object], StepModel] = {}
    pending: list[Backward] = []
    for event in trace.events:
        if isinstance(event, Backward):
            pending.append(event)
        elif isinstance(event, Stepped) and event.optimizer in optimizers:
            optimizer = optimizers[event.optimizer]
            at = (event.optimizer, (event.place.source.path, event.place.node.lineno))
            if at not in found:
                relevant = [b for b in pending if not b.context.excludes(event.context)]
                objectives = split.objectives(m, relevant)
                facts_ = {"by_default": event.context.by_default, "complete": trace.complete, **_settings(m, optimizer.uid)}
                found[at] = StepModel(optimizer, objectives, event.place.span, facts=facts_)
    for uid, optimizer in optimizers.items():
        if not any(at[0] == uid for at in found):
            found[(uid, None)] = StepModel(optimizer, (), optimizer.span, facts={"stepped": False, **_settings(m, uid)})
    return list(found.values())


def _settings(m: Machine, uid: int) -> dict[str, object]:
    """What else is known around an optimizer: words that filters look for, a weight_decay that nobody passes."""
    return {**_unpassed(m, uid), "name_words": frozenset(m.name_words)}


def _unpassed(m: Machine, uid: int) -> dict[str, object]:
    """A setting called weight_decay in the object that supplies the optimizer's lr, which nothing in the run reads."""
    obj = next(o for o in m.optimizers if o.uid == uid)
    lr = obj.arguments.get("lr")
    if "weight_decay" in obj.arguments or lr is None:
        return {}
    for holder, names in m.settings.values():
        found = holder.attrs.get("weight_decay")
        if found is not None and "weight_decay" not in names and any(v is lr for v in holder.attrs.values()):
            return {"unpassed_decay": objective.to_number(found)}
    return {}


def is_penalty(m: Machine, value: Value) -> bool:
    """Is the value computed from parameters alone?"""
    return isinstance(value, Expr) and value.op in (_PENALTY_OPS | {"add"}) and objective.shape(m, value) is not None


def is_running_sum(value: Value) -> bool:
    """Is it a sum in which numbers taken from losses (`loss.item()`, `float(loss)`, a criterion) are added up?"""
    summed = scalar = False
    stack, steps = [value], 0
    while stack and steps < 24 and not (summed and scalar):
        top = stack.pop()
        steps += 1
        if isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, Expr):
            summed = summed or top.op in ("add", "total", "add_")
            scalar = scalar or top.op in ("item", "criterion", "detach")
            stack.extend(top.args[:2])
        elif isinstance(top, Collection) and top.kind == "list":
            stack.extend(top.items[:2])
    return summed and scalar


def note_penalty(m: Machine, left: Value, right: Value, result: Value, place: Place) -> None:
    """Record that a penalty on parameters is added to a loss or to a running sum."""
    for penalty, base in ((right, left), (left, right)):
        if not isinstance(penalty, Expr) or penalty.op not in _PENALTY_OPS or m.muted:
            continue  # nearly all additions
        shape = objective.shape(m, penalty)
        params = objective.over_set(m, shape.over) if shape is not None else None
        over = modules.snapshot(m, params)
        if shape is None or over is None or (objective.shape(m, base) is not None and penalty is left):
            continue  # no penalty, or the running sum on the other side is one as well and was noted
        where = shape.place or place
        m.emit(
            PenaltyAdded, where, form=shape.form, over=over, connected=shape.connected, to_loss=objective.has_term(base),
            described_as=split.description(where) or split.description(place), result=result, base=base,
        )  # fmt: skip


_PENALTY_OPS = frozenset(
    {"norm", "vector_norm", "sum", "mul", "div", "pow", "square", "same", "data", "detach", "item", "sqrt", "total", "dot"}
)


__all__ = ["Param", "Place", "finish", "split", "step"]
