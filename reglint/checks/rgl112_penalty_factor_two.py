"""RGL112: c·Σw² in the loss acts as weight_decay 2c."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.penalties import decayed_as_well, is_nonzero, penalties, shown
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.model import PenaltyForm, StepModel


@rule("RGL112", "penalty-factor-two", Level.NOTE, "a penalty c·Σw² acts as weight_decay 2c", since="0.1.0", reads="step")
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """Says the equivalent weight_decay of an L2 penalty of known strength, once per penalty."""
    seen: set[Span] = set()
    for penalty in penalties(step):
        if penalty.form is not PenaltyForm.L2 or not penalty.connected or not is_nonzero(penalty.coefficient):
            continue  # another form, without effect, or of unknown strength
        if decayed_as_well(step, penalty) is not None or penalty.span in seen:
            continue  # RGL101 speaks
        seen.add(penalty.span)
        assert penalty.coefficient.value is not None
        c = penalty.coefficient.value
        related = (
            [Related("joins the loss here", penalty.added_at)] if penalty.added_at is not None and penalty.added_at != penalty.span else []
        )
        message = f"penalty {shown(c)}·Σw² acts as weight_decay {shown(2 * c)}"
        yield rule.finding(penalty.span, message, related=related, help="the gradient of c·w² is 2c·w; write 0.5·c to make c the decay")
