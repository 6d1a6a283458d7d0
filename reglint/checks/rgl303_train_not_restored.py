"""RGL303: eval() inside a training loop that nothing undoes before the next pass trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import counts_batches, extra_guards, optimizers, runs, together
from reglint.checks.modes import acting, concerns, last_switch, trains
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.model import Optimizer
from reglint.step.trace import Escaped, Event, Forward, Guard, LayerInfo, ModeSet, Trace
from reglint.step.values import Expr, number


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
    built = optimizers(trace)
    for events in runs(trace):
        for first, second in _passes(events, built):
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


def _passes(events: Sequence[Event], built: Mapping[int, Optimizer]) -> Iterator[tuple[Forward, Forward]]:
    """Pairs of executions of one training call in two passes of a loop."""
    firsts: dict[object, Forward] = {}
    for event in events:
        if not isinstance(event, Forward) or not event.context.loops or event.context.grad is False:
            continue
        if not trains(event, events, built):
            continue  # what it gives moves none of its parameters
        called = tuple(frame.call.span if frame.call is not None else None for frame in event.context.frames)
        at = (event.module.uid, event.place.span, called)  # from another place it may be called with other options
        if at not in firsts:
            firsts[at] = event
        elif not any(map(_holds_once, extra_guards(event, than=firsts[at]))):
            yield firsts[at], event


def _holds_once(guard: Guard) -> bool:
    """`if self.epoch == 0`: what holds in the first pass and counts on; that of `if step % 10 == 0` comes again."""
    test = guard.test
    if not guard.outcome or not isinstance(test, Expr) or (test.op, test.name) != ("compare", "==") or counts_batches(guard) is not None:
        return False
    return any(number(one) is not None for one in test.args)


def _trained(first: Forward, layer: LayerInfo) -> bool:
    return any(one.uid == layer.uid and one.path == layer.path and one.training is True for one in first.module.layers)


def _cause(events: Sequence[Event], first: Forward, second: Forward) -> ModeSet | None:
    """The eval() between the two passes after which nothing can have restored the mode."""
    switch = last_switch(events, second, second.module)
    if switch is None or switch.training is not False or switch.context.order < first.context.order:
        return None  # train() comes last, or the mode was set before the loop
    if _now_and_then(events, switch, second):
        return None  # whether the last pass of that loop was one with an evaluation, nobody knows
    for event in events:
        if not switch.context.order < event.context.order < second.context.order or not together(event, second):
            continue
        if isinstance(event, Escaped) and (second.module.uid in event.uids or not event.uids):
            return None  # unknown code had the model
        if isinstance(event, ModeSet) and event.training is not False and (event.module is None or concerns(event, second.module)):
            return None  # restored in part, by a value that is not known, or for an object that is not known
    return switch


def _now_and_then(events: Sequence[Event], switch: ModeSet, later: Forward) -> bool:
    """Is it the eval() of some passes of a loop that calls train() in every one, while training goes on after that loop?"""
    shared = {loop.uid for loop in later.context.loops}
    depth = next((at for at, loop in enumerate(switch.context.loops) if loop.uid not in shared), None)
    if depth is None:
        return False
    inner = switch.context.loops[: depth + 1]
    return any(
        isinstance(head, ModeSet)
        and head.training is True
        and concerns(head, later.module)
        and head.context.order < switch.context.order
        and head.context.loops[: depth + 1] == inner
        and extra_guards(switch, than=head)
        for head in events
    )


def _loss(layers: Sequence[LayerInfo]) -> str:
    dropout = any("Norm" not in layer.kind for layer in layers)
    norm = any("Norm" in layer.kind for layer in layers)
    both = "dropout is off and batch statistics are frozen"
    return both if dropout and norm else "dropout is off" if dropout else "batch statistics are frozen"
