"""RGL103: a penalty meant as L2 sums norms that are not squared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reglint.checks import Rule, rule
from reglint.checks.penalties import is_zero, pair, penalties, shown, with_penalty
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Span
from reglint.step.model import Number, Penalty, PenaltyForm, StepModel
from reglint.step.trace import PenaltyAdded, Trace

HELP = "square it: sum p.pow(2).sum(), whose gradient is 2·w"


@rule(
    "RGL103", "unsquared-norm-penalty", Level.WARNING, "a penalty meant as L2 sums norms that are not squared", since="0.1.0", reads="both"
)
def check(rule: Rule, model: StepModel | Trace) -> Iterator[Finding]:
    """Norms in a loss that is back-propagated; beside those, norms summed into what the code calls a regularisation."""
    seen: set[Span] = set()
    for step in (model,) if isinstance(model, StepModel) else model.steps:
        for penalty in penalties(step):
            if penalty.form is PenaltyForm.NORM and penalty.connected:
                seen.add(penalty.span)
                if not penalty.described_as and _is_plain(penalty):
                    continue  # the size of a perturbation or of a latent vector is a distance, and is meant to be
                yield _in_loss(rule, step, penalty)
    if isinstance(model, StepModel):
        return
    for event in model.of(PenaltyAdded):
        assert isinstance(event, PenaltyAdded)
        if event.form is not PenaltyForm.NORM or event.place.span in seen or event.described_as in ("", "l1"):
            continue  # squared, reported above, or nothing says that it is a penalty at all
        if not event.connected or event.context.grad is False:
            continue  # it pulls at nothing: a layer's own rate, say, or where it joins a loss RGL104's matter
        yield rule.finding(event.place.span, f"{event.described_as} penalty sums ‖w‖, not ‖w‖²: it pulls with constant force", help=HELP)


def _is_plain(penalty: Penalty) -> bool:
    """Is it over tensors that no model has?"""
    members = penalty.over.members
    return bool(members) and all(p.plain for p in members or ())


def _in_loss(rule: Rule, step: StepModel, penalty: Penalty) -> Finding:
    strength = penalty.coefficient.value
    latent = is_zero(penalty.coefficient)
    shown_strength = "c" if strength is None else shown(strength)
    w, size = ("w", "‖w‖") if penalty.centred else ("(w−w₀)", "‖w−w₀‖")
    message = f"penalty {shown_strength}·Σ{size} is not squared: gradient c·{w}/{size} instead of 2c·{w}"
    if latent:
        message = f"penalty Σ{size} is not squared: gradient c·{w}/{size} instead of 2c·{w} (its strength is 0 by default)"
    related = [Related("joins the loss here", penalty.added_at)] if penalty.added_at not in (None, penalty.span) else []
    level = Level.NOTE if latent else Level.WARNING
    return rule.finding(penalty.span, message, level=level, related=related, formula=_formula(step, penalty), help=HELP)


def _formula(step: StepModel, penalty: Penalty) -> FormulaPair | None:
    if not penalty.centred:
        return None  # the formulas of a step have no letter for the weights that it pulls to
    for group in step.optimizer.groups:
        if group.params.overlaps(penalty.over) and penalty.coefficient.value:
            squared = replace(penalty, form=PenaltyForm.L2, coefficient=Number(penalty.coefficient.value, penalty.coefficient.source))
            return pair(step, group, with_penalty(step, penalty, squared))
    return None
