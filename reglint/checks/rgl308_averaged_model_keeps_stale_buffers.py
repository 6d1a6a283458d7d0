"""RGL308: an averaged model is evaluated with the BatchNorm statistics of its first copy."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level, Related
from reglint.source import Place, Span
from reglint.step.trace import Blended, Escaped, Event, Forward, StateLoaded, StateRead, Trace

# A state_dict() that is written to a file changes nothing.
SAVED = re.compile(r"save|dump|[\"'][\w. ]+[\"']\s*(?:\]\s*=|:)[^=\n]*state_dict\(")


@rule(
    "RGL308",
    "averaged-model-keeps-stale-buffers",
    Level.WARNING,
    "an averaged model is evaluated with the batch statistics of its first copy",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per place that averages parameters of a model with BatchNorm, where nothing ever touches its buffers."""
    seen: set[Span] = set()
    for blended in trace.of(Blended):
        module = blended.module
        norms = [layer for layer in module.layers if "BatchNorm" in layer.kind and layer.tracks_statistics]
        forwards = [event for event in trace.of(Forward) if event.module.uid == module.uid]
        if not norms or blended.place.span in seen or not trace.complete or not forwards:
            continue  # no statistics to go stale, reported, or never evaluated here
        if _moving(trace, {layer.uid for layer in norms}) or _renewed(trace, blended, forwards[-1]):
            continue  # its own forward passes keep the statistics moving, or somebody may see to them
        seen.add(blended.place.span)
        yield rule.finding(
            blended.place.span,
            "only parameters are averaged: BatchNorm of the average keeps the statistics of its first copy",
            related=[Related("evaluated here", forwards[0].place.span)],
            help="copy the buffers as well, or call torch.optim.swa_utils.update_bn(loader, model) before evaluating",
        )


def _moving(trace: Trace, norms: set[int]) -> bool:
    """Does one of these layers ever run in training mode, in a call of the whole model or of a part of it?"""
    return any(layer.uid in norms and layer.training is not False for event in trace.of(Forward) for layer in event.module.layers)


def _renewed(trace: Trace, blended: Blended, last: Forward) -> bool:
    """Can something reach the buffers of the average, other than to save them?"""
    parts = {blended.module.uid, *(layer.uid for layer in blended.module.layers)}
    for event in trace.of(StateRead, StateLoaded, Escaped):
        touched = event.uids if isinstance(event, Escaped) else {_uid(event)}
        if event.context.order > last.context.order:
            break  # after the last evaluation
        if not parts & set(touched) or (isinstance(event, StateRead) and event.what == "state_dict" and _is_saved(event)):
            continue  # another model, or a checkpoint
        if isinstance(event, StateLoaded) and event.context.order < blended.context.order and not event.context.loops:
            continue  # the first copy
        return True
    return False


def _uid(event: Event) -> int:
    return event.uid if isinstance(event, (StateRead, StateLoaded)) else 0


def _is_saved(event: StateRead) -> bool:
    place: Place = event.place
    line = place.source.lines[place.node.lineno - 1]
    return bool(SAVED.search(line) or re.search("save|checkpoint", event.context.function))
