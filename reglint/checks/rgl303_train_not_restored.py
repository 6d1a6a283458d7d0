"""RGL303: eval() inside a training loop that nothing undoes before the next pass trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import runs, together
from reglint.checks.modes import acting, concerns, last_switch, may_train_on
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import Backward, Escaped, Event, Forward, LayerInfo, ModeSet, Trace


@rule(
    "RGL303",
    "train-not-restored",
    Level.WARNING,
    "eval() in the training loop is not undone before training goes on",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The same training step finds its layers in train() in the first pass and in eval() in the second."""
    seen: set[Span] = set()
    for events in runs(trace):
        for first, second in _passes(events):
            frozen = [layer for layer in acting(second.module) if layer.training is not True and _trained(first, layer)]
            cause = _cause(events, first, second) if frozen else None
            if cause is None or cause.place.span in seen:
                continue  # the mode is the same in both passes, or restored as far as can be seen
            seen.add(cause.place.span)
            yield rule.finding(
                cause.place.span,
                f"nothing calls train() after this: {_loss(frozen)} when training goes on",
                related=[Related("trained here, in evaluation mode from the second pass on", second.place.span)],
                help="call model.train() where training goes on, at the start of the epoch or right after the evaluation",
            )


def _passes(events: Sequence[Event]) -> Iterator[tuple[Forward, Forward]]:
    """Pairs of executions of one training call in two passes of a loop."""
    backwards = [e for e in events if isinstance(e, Backward)]
    firsts: dict[object, Forward] = {}
    for event in events:
        if not isinstance(event, Forward) or not event.context.loops or event.context.grad is False:
            continue
        if not any(b.context.loops == event.context.loops and may_train_on(event, b) for b in backwards):
            continue  # not a call that is trained on
        called = tuple(frame.call.span if frame.call is not None else None for frame in event.context.frames)
        at = (event.module.uid, event.place.span, called)  # from another place it may be called with other options
        if at in firsts:
            yield firsts[at], event
        else:
            firsts[at] = event


def _trained(first: Forward, layer: LayerInfo) -> bool:
    return any(one.uid == layer.uid and one.path == layer.path and one.training is True for one in first.module.layers)


def _cause(events: Sequence[Event], first: Forward, second: Forward) -> ModeSet | None:
    """The eval() between the two passes after which nothing can have restored the mode."""
    switch = last_switch(events, second, second.module)
    if switch is None or switch.training is not False or switch.context.order < first.context.order:
        return None  # train() comes last, or the mode was set before the loop
    for event in events:
        if not switch.context.order < event.context.order < second.context.order or not together(event, second):
            continue
        if isinstance(event, Escaped) and (second.module.uid in event.uids or not event.uids):
            return None  # unknown code had the model
        if isinstance(event, ModeSet) and event.training is not False and (event.module is None or concerns(event, second.module)):
            return None  # restored in part, by a value that is not known, or for an object that is not known
    return switch


def _loss(layers: Sequence[LayerInfo]) -> str:
    dropout = any("Norm" not in layer.kind for layer in layers)
    norm = any("Norm" in layer.kind for layer in layers)
    both = "dropout is off and batch statistics are frozen"
    return both if dropout and norm else "dropout is off" if dropout else "batch statistics are frozen"
