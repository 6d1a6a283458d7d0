"""RGL111: learning rate times weight_decay is so large that the decay dominates, flips signs or diverges."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.penalties import decaying_groups, shown, source_of
from reglint.findings import Finding, Level
from reglint.step.model import DecayKind, StepModel

DOMINATES, FLIPS = 0.1, 1.0


@rule(
    "RGL111",
    "unstable-decay",
    Level.WARNING,
    "learning rate times weight_decay dominates, flips signs or diverges",
    since="0.1.0",
    reads="step",
)
def check(rule: Rule, step: StepModel) -> Iterator[Finding]:
    """w ← (1 − ηλ)·w − η·g diverges for ηλ ≥ 2(1 + μ), with momentum μ only where the decay goes through it."""
    worst: tuple[float, Finding] | None = None
    for group, decay in decaying_groups(step):
        lr = group.options.get("lr")
        if lr is None or lr.value is None or decay.value is None:
            continue  # the product is not shown
        product = lr.value * decay.value
        rescaled = step.optimizer.adaptive and group.decay is DecayKind.COUPLED
        momentum = group.options.get("momentum")
        mu = momentum.value if momentum is not None and momentum.value is not None and group.decay is DecayKind.COUPLED else 0.0
        if product < DOMINATES or group.decay is DecayKind.UNKNOWN:
            continue
        level, consequence = Level.NOTE, f"each step shrinks the weights by {shown(100 * product)} %"
        if product >= 2 * (1 + mu) and not rescaled:
            level, consequence = Level.ERROR, "the weights diverge"
        elif product >= FLIPS and not rescaled:
            level, consequence = Level.WARNING, "the weights change sign every step" if product > FLIPS else "each step erases the weights"
        message = f"lr {shown(lr.value)} × weight_decay {shown(decay.value)} = {shown(product)}: {consequence}"
        if rescaled:
            message = f"lr {shown(lr.value)} × weight_decay {shown(decay.value)} = {shown(product)}: the penalty dominates"
        made = rule.finding(
            group.span or step.optimizer.span,
            message,
            level=level,
            related=(*source_of(lr, "lr"), *source_of(decay, "weight_decay")),
            help="keep lr × weight_decay far below 0.1",
        )
        if worst is None or product > worst[0]:
            worst = (product, made)
    if worst is not None:
        yield worst[1]
