"""RGL304: BatchNorm with frozen parameters goes on moving its statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import optimizers, runs
from reglint.checks.modes import acting, last_switch, may_train_on
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import AttributeSet, Backward, Event, Forward, LayerInfo, Trace
from reglint.step.values import Const


@rule(
    "RGL304",
    "frozen-norm-still-updates",
    Level.WARNING,
    "frozen BatchNorm layers go on moving their statistics",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """In every training call the layer is frozen and in training mode, beside layers that are trained."""
    seen: set[Span] = set()
    trained = {p.uid for o in optimizers(trace).values() for g in o.groups for p in g.params.members or () if p.trainable}
    for events in runs(trace):
        for forward, layers in _trained(events, trained):
            freeze = next((e for e in events if isinstance(e, AttributeSet) and _freezes(e)), None)
            switch = last_switch(events, forward, forward.module)
            place = switch.place if switch is not None else freeze.place if freeze is not None else None
            if place is None or place.span in seen:
                continue  # frozen where it was not seen, or reported
            seen.add(place.span)
            related = [Related("trained here", forward.place.span)]
            if freeze is not None and freeze.place.span != place.span:
                related.insert(0, Related("the parameters are frozen here", freeze.place.span))
            count = f"{len(layers)} frozen BatchNorm layers go" if len(layers) > 1 else "a frozen BatchNorm layer goes"
            help = "call eval() on the frozen part after train()"
            yield rule.finding(place.span, f"{count} on moving running statistics: train() reaches them", related=related, help=help)


def _trained(events: Sequence[Event], trained: set[int]) -> Iterator[tuple[Forward, Sequence[LayerInfo]]]:
    """The first training call of each model that is trained in part, with the layers that are frozen and in train() in all its calls."""
    backwards = [e for e in events if isinstance(e, Backward)]
    calls: dict[int, list[Forward]] = {}
    for event in events:
        if (
            isinstance(event, Forward)
            and event.context.grad is not False
            and event.context.loops
            and any(may_train_on(event, b) for b in backwards)
        ):
            calls.setdefault(event.module.uid, []).append(event)
    for forwards in calls.values():
        norms = [layer for layer in acting(forwards[0].module) if "BatchNorm" in layer.kind]
        frozen = [layer for layer in norms if all(_stays(layer, f) for f in forwards)]
        if frozen and forwards[0].module.owned & trained:
            yield forwards[0], frozen


def _stays(layer: LayerInfo, forward: Forward) -> bool:
    return any(one.uid == layer.uid and one.frozen and one.training is True for one in forward.module.layers)


def _freezes(event: AttributeSet) -> bool:
    return event.name == "requires_grad" and event.on == "parameter" and isinstance(event.value, Const) and event.value.value is False
