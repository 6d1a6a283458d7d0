"""RGL402: gradients are cleared between backward() and the step that should use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import (
    after,
    before,
    between,
    clears,
    counts_batches,
    extra_guards,
    implied,
    in_every_pass,
    optimizers,
    runs,
    short,
    together,
)
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import AttributeSet, Backward, Cleared, Escaped, Event, GradientRead, Stepped, Trace

FORMULA = FormulaPair("w ← w", "w ← w − η·∇L")


@rule("RGL402", "gradient-discarded", Level.ERROR, "gradients are cleared before the step can use them", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Once per place: straight-line order in one pass of a loop, or cleared per batch and stepped on every K-th."""
    built = optimizers(trace)
    seen: set[Span] = set()
    for events in runs(trace):
        for cleared in events:
            if not isinstance(cleared, Cleared) or cleared.place.span in seen:
                continue  # reported already
            found = _discards(events, cleared, built) or _discards_micro_batches(events, cleared, built)
            if found is None:
                continue
            seen.add(cleared.place.span)
            message, backward, step, formula = found
            related = [Related("the gradients are computed here", backward.place.span), Related("and missing here", step.place.span)]
            help = "clear before backward() or after step()"
            yield rule.finding(cleared.place.span, message, related=related, formula=formula, help=help)


Found = tuple[str, Event, Stepped, FormulaPair | None]


def _discards(events: Sequence[Event], cleared: Cleared, built: dict[int, Optimizer]) -> Found | None:
    """backward(), zero_grad(), step() in this order in one pass."""
    step = after(events, cleared, Stepped, Backward)
    backward = before(events, cleared, Stepped, Backward)
    if not isinstance(step, Stepped) or not isinstance(backward, Backward) or step.closure:
        return None  # the usual orders: zero_grad, backward, step or backward, step, zero_grad
    if not backward.context.loops == cleared.context.loops == step.context.loops or not clears(cleared, step, built):
        return None  # in different passes of a loop, or the gradients of another optimizer
    if not implied(cleared, backward, step) or not together(backward, step):
        return None  # cleared under a condition of its own: when the loss is not finite, say
    if any(isinstance(e, (GradientRead, AttributeSet, Escaped)) for e in between(events, backward, step)):
        return None  # the gradients are read, saved or restored in between
    return f"the gradients are cleared before the step: {short(built.get(step.optimizer))} sees none", backward, step, FORMULA


def _discards_micro_batches(events: Sequence[Event], cleared: Cleared, built: dict[int, Optimizer]) -> Found | None:
    """backward() on every batch, step() on every K-th, and zero_grad() on every one or right before the one that steps."""
    step = next(
        (e for e in events if isinstance(e, Stepped) and e.context.loops == cleared.context.loops and clears(cleared, e, built)), None
    )
    if step is None or step.closure or not cleared.context.loops or not together(step, cleared):
        return None
    backward = before(events, step, Backward)
    if backward is None or backward.context.loops != step.context.loops:
        return None  # another loop
    steps = [e for e in events if isinstance(e, Stepped) and e.context.loops == step.context.loops]
    if in_every_pass([e for e in steps if e.context.order > backward.context.order], backward):
        return None  # each backward() is followed by a step: of one of two optimizers, or of one that steps more often than another
    always, first = implied(cleared, backward), cleared.context.order < backward.context.order
    if not always and not (first and implied(cleared, backward, step)):
        return None  # cleared under a condition of its own
    waits = [g for g in extra_guards(step, backward) if not always or g in extra_guards(step, cleared)]
    every = [k for g in waits if (k := counts_batches(g)) is not None]
    if not every or 1.0 in every:
        return None  # the same cadence, or every batch by default
    others = [e for e in events if isinstance(e, Stepped) and e.optimizer == step.optimizer and e.place.span != step.place.span]
    if others or any(isinstance(e, (GradientRead, AttributeSet, Escaped)) and e.context.loops == step.context.loops for e in events):
        return None  # another step uses them, or something else does
    count = f"{every[0]:g}" if every[0] else "K"
    when = "on every batch, the step comes on every" if always else "right before the batch that steps, every"
    message = f"the gradients are cleared {when} {count}-th: all but the last are lost"
    return message, backward, step, None
