"""RGL404: gradients are used while they are still multiplied by the scale of a GradScaler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import apart, between, counts_batches, extra_guards, optimizers, runs, together
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import AttributeSet, Backward, Cleared, Clipped, Escaped, Event, GradientRead, LibraryCall, Stepped, Trace, Unscaled
from reglint.step.values import number

SCALE = 65536.0  # init_scale of torch.amp.GradScaler (2.13)
READS = frozenset({"norm", "mul_", "div_", "add_", "clamp_", "mul", "div", "add", "clamp", "abs", "max", "mean", "sub_", "copy_"})


@rule(
    "RGL404",
    "scaled-gradient-touched",
    Level.ERROR,
    "gradients are used while still multiplied by the loss scale",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """From each scaled backward() to the next step: what touches the gradients before unscale_()."""
    seen: set[Span] = set()
    built = optimizers(trace)
    for events in runs(trace):
        for backward in events:
            if isinstance(backward, Backward) and backward.scaler:
                for event, message, formula in _touched(events, backward, _scale(trace, backward.scaler), built):
                    if event.place.span not in seen:
                        seen.add(event.place.span)
                        related = [Related("the loss is scaled here", backward.place.span)]
                        help = "call scaler.unscale_(optimizer) after backward() and before this"
                        yield rule.finding(event.place.span, message, related=related, formula=formula, help=help)
        for unscaled in _on_every_micro_batch(events):
            if unscaled.place.span not in seen:
                seen.add(unscaled.place.span)
                message = "unscale_() runs on every micro-batch, the step on every K-th: it raises or divides again"
                yield rule.finding(unscaled.place.span, message, help="unscale once, under the condition of the step")


def _scale(trace: Trace, scaler: int) -> float:
    for call in trace.of(LibraryCall):
        if isinstance(call, LibraryCall) and call.name.endswith("GradScaler") and getattr(call.result, "uid", 0) == scaler:
            return number(call.keywords["init_scale"]) or SCALE if "init_scale" in call.keywords else SCALE
    return SCALE


def _of_others(event: Event, unscaled: Sequence[Optimizer | None]) -> bool:
    """Is it the clipping of parameters that none of the unscaled optimizers holds?"""
    if not isinstance(event, Clipped) or event.params is None:
        return False
    return all(o is not None and apart(o, event.params) for o in unscaled)


def _touched(
    events: Sequence[Event], backward: Backward, scale: float, built: dict[int, Optimizer]
) -> Iterator[tuple[Event, str, FormulaPair | None]]:
    unscaled: list[Optimizer | None] = []
    for event in events:
        if event.context.order < backward.context.order or not together(event, backward):
            continue  # before it, or in another branch
        if isinstance(event, (Escaped, Cleared)) or (isinstance(event, Stepped) and event.scaler):
            return  # used as it should be; or unknown code may have unscaled
        if isinstance(event, Unscaled):
            unscaled.append(built.get(event.optimizer))
        elif unscaled and not _of_others(event, unscaled):
            continue
        elif isinstance(event, Clipped):
            limit = number(event.limit)
            if limit is not None and limit <= 0:
                limit = None  # the default that says not to clip
            shown = f"{limit:g}" if limit is not None else "c"
            acts = f"{limit / scale:.2g}" if limit is not None else f"c/{scale:g}"
            formula = FormulaPair(f"w ← w − η·g·min(1, {acts}/‖g‖)", f"w ← w − η·g·min(1, {shown}/‖g‖)")
            yield event, f"clipped while multiplied by the loss scale: {shown} acts as {acts} at the initial scale {scale:g}", formula
        elif isinstance(event, Stepped):
            yield event, f"the step uses gradients that are still multiplied by the loss scale (initially {scale:g})", None
            return
        elif isinstance(event, GradientRead) and event.method in READS:
            yield event, f"grad.{event.method}() on gradients that are still multiplied by the loss scale", None
        elif isinstance(event, AttributeSet) and event.name == "grad" and event.augmented:
            yield event, "a term is added to gradients that are still multiplied by the loss scale", None


def _on_every_micro_batch(events: Sequence[Event]) -> Iterator[Unscaled]:
    for step in events:
        if not isinstance(step, Stepped) or not step.scaler:
            continue
        for unscaled in events:
            if (
                not isinstance(unscaled, Unscaled)
                or unscaled.context.loops != step.context.loops
                or unscaled.context.order > step.context.order
            ):
                continue
            if unscaled.optimizer != step.optimizer or not together(unscaled, step):
                continue
            every = [k for g in extra_guards(step, unscaled) if (k := counts_batches(g)) is not None]
            if every and 1.0 not in every and not any(between(events, unscaled, step, Stepped)):
                yield unscaled
