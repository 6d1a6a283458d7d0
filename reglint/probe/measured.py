"""From the facts of a run to measured step models, the same objects that the reader predicts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reglint.knowledge import optimizers as known
from reglint.probe.facts import ChangeFact, GroupFact, MemberFact, ParameterFact, PenaltyFact, StepFact, Trace
from reglint.probe.lines import shown, span
from reglint.step.formula import GradientChange, Term
from reglint.step.model import (
    DataTerm,
    DecayKind,
    Number,
    Objective,
    Optimizer,
    Parameter,
    ParamGroup,
    ParamSet,
    Penalty,
    PenaltyForm,
    Reduction,
    Role,
    StepModel,
    Witness,
)

_FORMS = {"l2": PenaltyForm.L2, "norm": PenaltyForm.NORM, "l1": PenaltyForm.L1}
_SPACING = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23}  # of numbers in [1, 2)
_DECAY = {"linear": DecayKind.COUPLED, "coupled": DecayKind.COUPLED, "decoupled": DecayKind.DECOUPLED, "none": DecayKind.NONE}


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured step model with what belongs to it. `gap` above 1: the update is not what the formula says.

    `residual` and `floor` are relative to the update; None where nothing could be replayed. `without_decay` is the
    residual of the alternative, an optimizer whose decay option is 0.
    """

    model: StepModel
    fact: StepFact
    residual: float | None
    floor: float | None
    gap: float | None
    without_decay: float | None
    remarks: tuple[str, ...]


def measured_steps(trace: Trace, directory: str) -> tuple[Measured, ...]:
    """One per optimizer: its first step with a learning rate other than zero (a warm-up begins at zero)."""
    chosen: dict[int, StepFact] = {}
    for step in trace.steps:
        earlier = chosen.get(step.optimizer)
        if earlier is None or (_rate(earlier) == 0.0 and _rate(step) != 0.0):
            chosen[step.optimizer] = step
    parameters = {fact.name: fact for fact in trace.parameters}
    return tuple(
        _measured(step, [s for s in trace.steps if s.optimizer == step.optimizer], parameters, directory) for step in chosen.values()
    )


def _rate(step: StepFact) -> float | None:
    return next((group.options.get("lr") for group in step.groups), None)


def _measured(step: StepFact, all_of_it: list[StepFact], parameters: Mapping[str, ParameterFact], directory: str) -> Measured:
    model = _model(step, parameters, directory)
    every = [member for one in all_of_it for group in one.groups for member in group.members if member.gap is not None]
    worst = max(every, key=lambda m: m.gap or 0.0, default=None)
    remarks = dict.fromkeys([*_remarks(step, directory), *_rounded_away(step, parameters)])
    return Measured(
        model,
        step,
        worst.residual if worst else None,
        worst.floor if worst else None,
        worst.gap if worst else None,
        max((m.without_decay for m in every if m.without_decay is not None), default=None),
        tuple(remarks),
    )


def _model(step: StepFact, parameters: Mapping[str, ParameterFact], directory: str) -> StepModel:
    fact = known.optimizer(step.kind)
    by_hand = step.kind == "by hand"
    groups = tuple(made for index, group in enumerate(step.groups) for made in _groups(step, index, group, parameters, directory))
    optimizer = Optimizer(
        step.optimizer,
        step.kind,
        groups,
        span(step.built or step.spot, directory),
        adaptive=fact.adaptive if fact is not None else not by_hand and _scales(step),
        default_decay=step.default_decay,
    )
    objective = Objective(
        tuple(
            DataTerm(
                term.operation,
                Reduction(term.reduction),
                Number(1.0, term.text),
                span(term.spot, directory),
                span(term.spot, directory) if term.again else None,
            )
            for term in step.data
        ),
        tuple(_penalty(penalty, parameters, directory) for penalty in step.penalties),
        (),
        span(step.backward_spot, directory),
    )
    changes = {parameters[m.name].uid: change for g in step.groups for m in g.members if (change := _change(m.change)) is not None}
    facts: dict[str, object] = {"gradient": changes, "backwards": step.backwards, "closures": step.closures, "number": step.number}
    return StepModel(optimizer, (objective,), span(step.spot or step.built, directory), Witness.PROBE, facts)


def _scales(step: StepFact) -> bool:
    """An optimizer nobody knows is taken for adaptive unless its decay acts as in stateless or momentum SGD."""
    return not any(member.law.kind == "linear" for group in step.groups for member in group.members)


def _groups(step: StepFact, index: int, group: GroupFact, parameters: Mapping[str, ParameterFact], directory: str) -> Iterable[ParamGroup]:
    """The group, in parts where the optimizer decays some of its parameters differently (matrices only, say)."""
    parts: dict[tuple[str, float | None], list[MemberFact]] = {}
    for member in group.members:
        parts.setdefault((member.law.kind, member.law.decay), []).append(member)
    place = span(step.built or step.spot, directory)
    for (kind, decay), members in parts.items():
        law = members[0].law
        options = {name: Number(value, f"group {index} at step {step.number}") for name, value in group.options.items()}
        if not options.get("lr") and step.kind == "by hand":
            options["lr"] = Number(None, "weights do not move along the gradient with one factor")
        if "weight_decay" in options or decay:
            source = f"measured in the laboratory{', option ' + law.option if law.option else ', no option sets it' if decay else ''}"
            if step.kind == "by hand":
                source = "measured from the change of the weights"
            if "weight_decay" in group.inherited and step.default_decay is not None and decay == step.default_decay:
                source = f"default of {step.kind.rpartition('.')[2]}, measured in the laboratory"
            options["weight_decay"] = Number(decay, law.remark or source) if decay is not None else Number(None, law.remark or "not known")
        label = f"group {index} of {step.kind.rpartition('.')[2]}"
        owners = frozenset(parameters[m.name].model for m in members)
        made = ParamSet(label, owners, tuple(_parameter(parameters[m.name]) for m in members))
        yield ParamGroup(made, options, frozenset(group.inherited), place, _DECAY.get(kind, DecayKind.UNKNOWN))


def _parameter(fact: ParameterFact) -> Parameter:
    return Parameter(fact.name, Role(fact.role), fact.uid, fact.ndim, fact.trainable, fact.layer)


def _penalty(penalty: PenaltyFact, parameters: Mapping[str, ParameterFact], directory: str) -> Penalty:
    """L2 penalties carry the coefficient of Σw², half of what stands in front of w."""
    form = _FORMS.get(penalty.form, PenaltyForm.OTHER)
    coefficient = penalty.coefficient
    if form is PenaltyForm.L2 and coefficient is not None:
        coefficient /= 2.0
    members = tuple(_parameter(parameters[name]) for name in penalty.over)
    label = ", ".join(penalty.over[:3]) + (f" and {len(penalty.over) - 3} more" if len(penalty.over) > 3 else "")
    reason = "measured" if coefficient is not None else f"no single coefficient: {penalty.description or 'not a known form'}"
    return Penalty(
        form,
        Number(coefficient, reason),
        ParamSet(label, frozenset(parameters[name].model for name in penalty.over), members),
        span(penalty.spot or penalty.join, directory),
        described_as=penalty.description if form is PenaltyForm.OTHER else "",
        added_at=span(penalty.join, directory) if penalty.join is not None else None,
    )


def _change(change: ChangeFact) -> GradientChange | None:
    match change.kind:
        case "scale":
            return GradientChange(change.factor)
        case "clamp":
            return GradientChange(clamp=change.bound)
        case "pull" | "replaced":
            kind = "l1_penalty" if change.form == "l1" else "l2_penalty"
            added = Term(kind, Number(_short(change.pull), "measured"), "this parameter", "edit of .grad")
            return GradientChange(change.factor or 1.0, added=(added,), replaced=change.kind == "replaced")
    return None


def _short(value: float) -> float:
    """Three digits where they are as good as six: float32 gradients show no more."""
    short = float(f"{value:.3g}")
    return short if abs(short - value) <= 5e-5 * abs(value) else float(f"{value:.6g}")


def _remarks(step: StepFact, directory: str) -> Iterable[str]:
    """What the formula cannot show, one sentence each."""
    for data in step.data:
        where = f" ({shown(data.spot.path, directory)}:{data.spot.row})" if data.spot else ""
        times = ", elements weighted" if data.weighted else ""
        times += f", {data.terms} such terms" if data.terms > 1 else ""
        times += f", {data.backwards} backward passes" if data.backwards > 1 else ""
        yield f"data loss {data.operation}{where}: {data.text}{times}"
    if step.loss is not None and not math.isfinite(step.loss):
        yield f"the loss is not finite ({step.loss})"
    for group in step.groups:
        for member in group.members:
            if member.gradient == "not-finite":
                yield "gradients are not finite"
            if member.law.remark:
                yield f"decay: {member.law.remark}"
            yield from _outside(member)
            if member.change.kind == "unexplained":
                yield f"{member.name}: the gradient changes by {member.change.residual:.1e} of itself between backward and step"
            if member.change.signed is not None:
                pulls = f"{_short(member.change.signed):g}·sign(w) or {_short(member.change.pull):g}·w"
                yield f"the edit of .grad may add {pulls}: all |w| of a parameter are equal"
            if member.change.kind == "ranks":
                yield "gradients are averaged over ranks"
    if any(g.options.get("lr") == 0.0 for g in step.groups):
        yield "the learning rate of this step is 0"


def _rounded_away(step: StepFact, parameters: Mapping[str, ParameterFact]) -> Iterable[str]:
    """w·(1 − κ) rounds back to w where κ is below half the distance to the next number of the format."""
    for group in step.groups:
        for member in group.members:
            kappa, dtype = member.law.kappa, parameters[member.name].dtype
            if member.law.kind == "decoupled" and kappa and kappa < _SPACING.get(dtype, 0.0) / 4.0:
                yield f"the decay of {kappa:.1e} per step is rounded away in {dtype}"


def _outside(member: MemberFact) -> Iterable[str]:
    change = member.outside
    match change.kind:
        case "scale":
            yield f"weights are multiplied by {change.factor:g} outside of the optimizer"
        case "clamp":
            yield f"weights are clamped to ±{change.bound:g} outside of the optimizer"
        case "none":
            pass
        case _:
            yield f"{member.name} changes outside of the optimizer"
