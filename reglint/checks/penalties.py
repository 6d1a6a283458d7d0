"""What several rules ask of penalties and decays: who decays what, with which number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reglint.findings import FormulaPair, Related
from reglint.step.formula import update_line
from reglint.step.model import DecayKind, Number, ParamGroup, Penalty, PenaltyForm, StepModel


def is_nonzero(number: Number | None) -> bool:
    """Is the number shown, and not zero?"""
    return number is not None and number.value is not None and number.value != 0.0


def is_zero(number: Number | None) -> bool:
    """Is the number shown to be zero?"""
    return number is not None and number.value == 0.0


def decaying_groups(step: StepModel) -> Iterator[tuple[ParamGroup, Number]]:
    """The groups whose weight_decay is shown to be non-zero, and that it acts in."""
    for group in step.optimizer.groups:
        decay = group.options.get("weight_decay")
        if decay is not None and is_nonzero(decay) and group.decay is not DecayKind.NONE:
            yield group, decay


def silently_inherits(step: StepModel, group: ParamGroup) -> bool:
    """Does the group take the library's default decay although other groups of the optimizer set theirs?"""
    if "weight_decay" not in group.inherited or not group.options["weight_decay"].source.startswith("default of "):
        return False  # a key of its own, or what the constructor was given
    return any("weight_decay" not in g.inherited and is_nonzero(g.options.get("weight_decay")) for g in step.optimizer.groups)


def penalties(step: StepModel) -> Iterator[Penalty]:
    """All penalties of all objectives of a step."""
    for objective in step.objectives:
        yield from objective.penalties


def means_l2(penalty: Penalty) -> bool:
    """Is it an L2 penalty, or an unsquared norm that the code calls one?"""
    return penalty.centred and (
        penalty.form is PenaltyForm.L2 or (penalty.form is PenaltyForm.NORM and penalty.described_as not in ("", "l1"))
    )


def decayed_as_well(step: StepModel, penalty: Penalty) -> tuple[ParamGroup, Number] | None:
    """The first group that decays parameters of the penalty too, with its weight_decay."""
    for group, decay in decaying_groups(step):
        if group.params.overlaps(penalty.over):
            return group, decay
    return None


def pair(step: StepModel, group: ParamGroup, intended: StepModel) -> FormulaPair | None:
    """The update of the group, and that of the same group in the intended step; None where they read the same."""
    position = step.optimizer.groups.index(group)
    meant = intended.optimizer.groups[position]
    effective, wanted = update_line(step, group), update_line(intended, meant)
    return FormulaPair(effective, wanted) if effective != wanted else None


def without(step: StepModel, penalty: Penalty) -> StepModel:
    """The same step without one penalty."""
    objectives = tuple(replace(o, penalties=tuple(p for p in o.penalties if p is not penalty)) for o in step.objectives)
    return replace(step, objectives=objectives)


def with_penalty(step: StepModel, old: Penalty, new: Penalty) -> StepModel:
    """The same step with one penalty replaced."""
    objectives = tuple(replace(o, penalties=tuple(new if p is old else p for p in o.penalties)) for o in step.objectives)
    return replace(step, objectives=objectives)


def with_option(step: StepModel, group: ParamGroup, option: str, value: float) -> StepModel:
    """The same step with another value of one option of one group."""
    changed = replace(group, options={**group.options, option: Number(value)})
    groups = tuple(changed if g is group else g for g in step.optimizer.groups)
    return replace(step, optimizer=replace(step.optimizer, groups=groups))


def source_of(number: Number, label: str) -> Iterator[Related]:
    """A related place for where a number comes from, if that is in the code."""
    if number.span is not None:
        yield Related(f"{label} {number} from here", number.span)


def shown(value: float) -> str:
    """A number as short as it is exact enough: 5e-4, 0.01, 1.5."""
    text = f"{value:.6g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent)}"
    return text
