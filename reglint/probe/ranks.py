"""Several processes of one program: ranks of a distributed training, or separate trainers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reglint.probe.facts import MemberFact, Trace


def merged(traces: Sequence[Trace]) -> Trace:
    """The report of rank 0 (the one with the most steps where there are no ranks), with what the ranks show together."""
    best = sorted(traces, key=lambda t: (t.rank, -len(t.steps), t.message))[0]
    if best.ranks == 1:
        return best
    others = [trace for trace in traces if trace.ranks == best.ranks]
    return replace(best, limits=(*best.limits, _agreement(best, others)))


def _agreement(best: Trace, traces: Sequence[Trace]) -> str:
    """Is the gradient of the step the mean of the ranks' own gradients?"""
    by_rank = {trace.rank: trace for trace in traces}
    if len(by_rank) < best.ranks:
        return f"{len(by_rank)} of {best.ranks} ranks reported: averaging of gradients is not verified"
    worst, seen = 0.0, 0
    for own in _members(best):
        parts = [m.samples for trace in by_rank.values() for m in _members(trace) if m.name == own.name and m.samples is not None]
        if len(parts) != best.ranks or own.samples is None:
            continue
        mean = [sum(values) / len(parts) for values in zip(*(part[0] for part in parts), strict=True)]
        scale = max((abs(v) for v in own.samples[1]), default=0.0) or 1.0
        worst = max(worst, max((abs(a - b) for a, b in zip(mean, own.samples[1], strict=True)), default=0.0) / scale)
        seen += 1
    if not seen:
        return f"{best.ranks} ranks with equal gradients: averaging is not visible"
    word = "averaged" if worst < 1e-4 else "not simply averaged"
    return f"gradients are {word} over {best.ranks} ranks ({seen} parameters compared, largest difference {worst:.1e})"


def _members(trace: Trace) -> list[MemberFact]:
    first = [step for step in trace.steps if step.number == 1]
    return [member for step in first for group in step.groups for member in group.members]
