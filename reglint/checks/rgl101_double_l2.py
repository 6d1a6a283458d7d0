"""RGL101: an L2 penalty in the loss and weight_decay in the optimizer act on the same parameters."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.penalties import decayed_as_well, is_nonzero, means_l2, pair, penalties, shown, without
from reglint.findings import Finding, Level, Related
from reglint.step.model import DecayKind, Number, Penalty, PenaltyForm, StepModel


@rule(
    "RGL101",
    "double-l2",
    Level.WARNING,
    "an L2 penalty in the loss and weight_decay act on the same parameters",
    since="0.1.0",
    reads="step",
)
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """Both strengths are shown to be non-zero, and the sets of parameters are shown to overlap."""
    for penalty in penalties(step):
        if not means_l2(penalty) or not penalty.connected or not is_nonzero(penalty.coefficient):
            continue  # not L2, without effect (RGL104), or of a strength that is zero or not shown
        both = decayed_as_well(step, penalty)
        if both is None:
            continue  # no decay, or on other parameters as far as can be seen
        group, decay = both
        if not step.facts.get("by_default", True) and (penalty.coefficient.adjustable or decay.adjustable):
            continue  # with its default options the program does not come here, and other options may set either to 0
        message = _message(penalty, decay, group.decay is DecayKind.DECOUPLED, step.optimizer.adaptive)
        related = [Related(f"weight_decay={decay} of {step.optimizer.short} here", group.span or step.optimizer.span)]
        if penalty.added_at is not None and penalty.added_at != penalty.span:
            related.append(Related("the penalty is computed here", penalty.span))
        yield rule.finding(
            penalty.added_at or penalty.span,
            message,
            related=related,
            formula=pair(step, group, without(step, penalty)),
            help="keep one of the two: drop the penalty, or set weight_decay=0",
        )


def _message(penalty: Penalty, decay: Number, decoupled: bool, adaptive: bool) -> str:
    assert penalty.coefficient.value is not None and decay.value is not None
    coefficient = penalty.coefficient.value
    if penalty.form is PenaltyForm.NORM:
        return f"{shown(coefficient)}·Σ‖w‖ in the loss and weight_decay {shown(decay.value)} both shrink the same parameters"
    if decoupled:
        return f"{shown(coefficient)}·Σw² in the loss (coupled) and weight_decay {shown(decay.value)} (decoupled) both decay the parameters"
    total = "" if adaptive else f": {shown(2 * coefficient + decay.value)} in total"
    return f"{shown(coefficient)}·Σw² in the loss and weight_decay {shown(decay.value)} decay the same parameters{total}"
