"""RGL410: a DistributedSampler deals out the same order in every epoch."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.loading import one_of, trained_on
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import EpochSet, LibraryCall, Trace
from reglint.step.values import Const

SAMPLER = "torch.utils.data.DistributedSampler"


@rule("RGL410", "sampler-epoch-not-set", Level.WARNING, "a DistributedSampler is never told the epoch", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The sampler shuffles for a loader that is trained on in every pass of an outer loop, and set_epoch() is never called."""
    if not trace.complete or any(True for _ in trace.of(EpochSet)):
        return  # it is told, as far as can be seen
    samplers = [e for e in trace.of(LibraryCall) if isinstance(e, LibraryCall) and e.name == SAMPLER]
    seen: set[Span] = set()
    for loader, step, loop in trained_on(trace):
        epochs = [
            one for one in step.context.loops if one.uid != loop.uid and step.context.loops.index(one) < step.context.loops.index(loop)
        ]
        for sampler in samplers:
            if not epochs or not one_of(loader.keywords.get("sampler"), sampler.result) or sampler.place.span in seen:
                continue  # a single epoch, or the sampler of another loader
            shuffle = sampler.keywords.get("shuffle")
            if sampler.extra or (shuffle is not None and not (isinstance(shuffle, Const) and shuffle.value is True)):
                continue  # does not shuffle, or perhaps not
            seen.add(sampler.place.span)
            yield rule.finding(
                sampler.place.span,
                "without set_epoch() this sampler shuffles every epoch in the same order",
                related=[Related("the epochs run over it here", loop.place.span)],
                help="call sampler.set_epoch(epoch) at the start of each epoch",
            )
