"""RGL604: names and arguments of the training API that are on their way out."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.knowledge.retired import EPOCH_ALLOWED, RetiredFact, retired, retired_argument
from reglint.knowledge.schedulers import scheduler
from reglint.source import Span
from reglint.step.trace import Event, LibraryCall, Scheduled, Trace

ELSEWHERE = frozenset({"torch.autograd.Variable", "torch.nn.functional.sigmoid", "torch.nn.functional.tanh"})  # RGL601; in wide use


@rule("RGL604", "retired-training-api", Level.NOTE, "a retired name or argument of the training API", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One note per place, with what to write instead."""
    seen: set[Span] = set()
    for event in trace.of(LibraryCall, Scheduled):
        for message, fact in _retired(event):
            if event.place.span not in seen:
                seen.add(event.place.span)
                yield rule.finding(event.place.span, message, help=f"use {fact.instead}" if fact.instead else None)


def _retired(event: Event) -> Iterator[tuple[str, RetiredFact]]:
    if isinstance(event, Scheduled):
        fact = retired_argument("torch.optim.lr_scheduler.step", "epoch")
        known = scheduler(event.kind)
        if fact is not None and known is not None and event.arguments and not known.metric and event.kind not in EPOCH_ALLOWED:
            yield "scheduler.step(epoch) is retired since torch 1.4: it counts its own calls", fact
        return
    assert isinstance(event, LibraryCall)
    found = retired(event.name)
    if found is not None and event.name not in ELSEWHERE:
        short = event.name.removeprefix("torch.")
        yield f"{short} is retired since torch {found.since}{f': it {found.why}' if found.why else ''}", found
    if scheduler(event.name) is not None and "verbose" in event.keywords:
        gone = retired_argument(event.name, "verbose")
        if gone is not None:
            yield f"verbose= of {event.name.rpartition('.')[2]} is gone since torch {gone.gone}: it raises TypeError", gone
