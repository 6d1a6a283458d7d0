"""The objective of a step: what backward() differentiates, as data terms and penalties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reglint.reader import modules, objective
from reglint.reader.machine import Machine
from reglint.reader.objective import Addend, Shape
from reglint.source import Place
from reglint.step.model import DataTerm, Number, Objective, Penalty, Reduction
from reglint.step.trace import Backward
from reglint.step.values import Const, Expr, Value

Factors = tuple[tuple[Value, int], ...]


def objectives(m: Machine, backwards: Sequence[Backward], divided: Factors = ()) -> tuple[Objective, ...]:
    """The objectives of a step, one for each place of a backward() call; the step divides their gradients by `divided`."""
    made: dict[tuple[str, int, int], Objective] = {}
    for event in backwards:
        at = (event.place.source.path, event.place.node.lineno, event.place.node.col_offset)
        if at not in made:
            made[at] = split(m, event.loss, event.place, divided)
    found = tuple(made.values())
    return tuple(_minimised(one) for one in found) if all(_of_plain_tensors_alone(one) for one in found) else found


def _of_plain_tensors_alone(one: Objective) -> bool:
    members = [p for penalty in one.penalties for p in penalty.over.members or ()]
    return not one.data and not one.unknown and bool(members) and all(p.plain for p in members)


def _minimised(one: Objective) -> Objective:
    """A function of tensors that is all there is to minimise: no penalty beside something else."""
    term = DataTerm("loss", Reduction.UNKNOWN, Number(1.0), one.span)
    return replace(one, data=(term,), penalties=())


def split(m: Machine, loss: Value, place: Place, divided: Factors = ()) -> Objective:
    """The objective that a backward() call differentiates, times the factors that the step applies to its gradient."""
    data: list[DataTerm] = []
    penalties: list[Penalty] = []
    unknown: list[str] = []
    grouped: dict[object, tuple[Shape, Addend, list[Value]]] = {}
    repeated: set[object] = set()
    seen: dict[object, list[Addend]] = {}
    for addend in objective.addends(m, loss, Addend(loss, divided)):
        if any(c.default is not None and c.default != outcome for c, outcome in addend.conditions):
            continue  # not part of the loss with default options
        shape = objective.shape(m, addend.value)
        if shape is not None:
            where = shape.place or addend.place or place
            key = (shape.form, where.source.path, where.node.lineno, where.node.col_offset, shape.connected and addend.connected)
            kept = grouped.setdefault(key, (shape, addend, []))
            for one in shape.over:
                others = seen.setdefault((key, id(one)), [])
                if any(_together(addend, other) for other in others):
                    repeated.add(key)  # the same term once more: in a loop, nobody knows how often
                others.append(addend)
            kept[2].extend(v for v in shape.over if v not in kept[2])
            continue
        value = addend.value
        if isinstance(value, Expr) and value.place is not None and (value.op == "criterion" or objective.is_data(value)):
            reduction, factors = objective.settled(objective.reduction_of(value, addend.reduced), addend.factors)
            name = value.name if value.op == "criterion" else "loss"
            data.append(DataTerm(name, reduction, objective.product(factors), value.place.span))
        elif not objective.is_tensor(value) or any(not isinstance(factor, Const) for factor, _ in addend.factors):
            unknown.append(objective.to_number(addend.value).source)
    for at, (shape, addend, over) in grouped.items():
        made = _penalty(m, shape, addend, over, place)
        if made is not None:
            again = Number(None, "added more than once")
            penalties.append(replace(made, coefficient=again) if at in repeated else made)
    return Objective(tuple(data), tuple(penalties), tuple(dict.fromkeys(unknown)), place.span)


def _together(one: Addend, other: Addend) -> bool:
    """Can both be in the sum at once?"""
    outcomes = {c.key: outcome for c, outcome in one.conditions}
    return all(outcomes.get(c.key, outcome) == outcome for c, outcome in other.conditions)


def _penalty(m: Machine, shape: Shape, addend: Addend, over: list[Value], place: Place) -> Penalty | None:
    params = objective.over_set(m, tuple(over))
    members = modules.snapshot(m, params)
    if members is None:
        return None
    _, factors = objective.settled(Reduction.UNKNOWN, addend.factors)
    coefficient = objective.product((*factors, *shape.factors))
    where = shape.place or addend.place or place
    per_sample = any(value is objective.SAMPLES for value, _ in factors)
    connected = shape.connected and addend.connected
    added = addend.added.span if addend.added is not None else None
    return Penalty(shape.form, coefficient, members, where.span, connected, per_sample, description(where), added, shape.centred)


_WORDS = (
    ("l2", r"l2|ridge"),
    ("weight decay", r"weight[ _]?decay|\bwd\b"),
    ("regularization", r"regulari[sz]|\breg\b|_reg\b|\breg_|decay"),
    ("l1", r"l1"),
)


def description(place: Place) -> str:
    """The word that the line, or a comment just above it, uses for the penalty; empty if it has none."""
    lines = place.source.lines
    row = place.node.lineno
    text = [lines[row - 1]] if 0 < row <= len(lines) else []
    above = row - 2
    while (
        above >= 0 and row - above <= 5 and (lines[above].lstrip()[:1] == "#" or lines[above].rstrip().endswith((":", "(", "[", ",", "\\")))
    ):
        text.append(lines[above])
        above -= 1
    joined = "\n".join(text).lower()
    return next((word for word, pattern in _WORDS if re.search(pattern, joined)), "")
