"""RGL108: a group without a weight_decay of its own takes the optimizer's non-zero default."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.penalties import is_nonzero, pair, shown, silently_inherits, with_option
from reglint.findings import Finding, Level, Related
from reglint.step.model import Number, StepModel


@rule(
    "RGL108",
    "inherited-decay",
    Level.WARNING,
    "a parameter group silently inherits the optimizer's default weight_decay",
    since="0.1.0",
    reads="step",
)
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """Some groups set a weight_decay, others inherit the library's default; or a setting for it exists and is not passed."""
    optimizer = step.optimizer
    if not optimizer.default_decay:
        return  # the default is 0, or not known
    default = shown(optimizer.default_decay)
    own = [g for g in optimizer.groups if "weight_decay" not in g.inherited and is_nonzero(g.options.get("weight_decay"))]
    for group in optimizer.groups:
        if "weight_decay" not in group.inherited or not group.options["weight_decay"].source.startswith("default of "):
            continue  # it sets its own, or takes what the constructor was given
        if silently_inherits(step, group):
            message = f"this group inherits weight_decay {default} from {optimizer.short}: it has no key of its own"
            related = [Related("another group sets its own", own[0].span)] if own[0].span is not None else []
            meant = with_option(step, group, "weight_decay", 0.0)
            yield rule.finding(
                group.span or optimizer.span,
                message,
                related=related,
                formula=pair(step, group, meant),
                help="say what is meant: 'weight_decay': 0.0",
            )
            continue
        unused = step.facts.get("unpassed_decay")
        if isinstance(unused, Number) and unused.value is not None and unused.value != optimizer.default_decay:
            message = f"{optimizer.short} decays with its default {default}; the setting {shown(unused.value)} is never passed"
            related = [Related("the setting that nothing reads", unused.span)] if unused.span is not None else []
            meant = with_option(step, group, "weight_decay", unused.value)
            yield rule.finding(optimizer.span, message, related=related, formula=pair(step, group, meant), help="pass it: weight_decay=…")
            return
