"""Several processes of one program: ranks of a distributed training, or separate trainers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reglint.probe.facts import ChangeFact, GroupFact, MemberFact, StepFact, Trace

_TOLERANCE = 5e-5  # of the gradient's norm: float32 sums over ranks are better than that


def merged(traces: Sequence[Trace]) -> Trace:
    """The report of rank 0 (the one with the most steps where there are no ranks), with what the ranks show together.

    Between autograd and the step the gradients are averaged over the ranks; what happens to them besides, clipping above
    all, shows only against that average.
    """
    best = sorted(traces, key=lambda t: (t.rank, -len(t.steps), t.message))[0]
    if best.ranks == 1:
        return best
    by_rank = {trace.rank: trace for trace in traces if trace.ranks == best.ranks}
    if len(by_rank) < best.ranks:
        limit = f"{len(by_rank)} of {best.ranks} ranks reported: averaging of gradients is not verified"
        return replace(best, limits=(*best.limits, limit))
    steps, seen, unlike = [], 0, 0
    for step in best.steps:
        averages = dict(_averages(step, by_rank.values()))
        laws = _laws(averages)
        seen, unlike = seen + len(laws), unlike + sum(law.kind == "unexplained" for law in laws.values())
        steps.append(_with(step, laws))
    return replace(best, steps=tuple(steps), limits=(*best.limits, _sentence(best.ranks, seen, unlike)))


def _sentence(ranks: int, seen: int, unlike: int) -> str:
    if not seen:
        return f"{ranks} ranks with equal gradients: averaging is not visible"
    if unlike:
        return f"gradients are not simply averaged over {ranks} ranks: {unlike} of {seen} compared differ"
    return f"gradients are averaged over {ranks} ranks ({seen} of them compared)"


def _averages(step: StepFact, traces: Iterable[Trace]) -> Iterator[tuple[str, tuple[list[float], list[float]]]]:
    """Per parameter that all ranks sampled: the mean of their own gradients, and the gradient that the step used."""
    parts: dict[str, list[Sequence[float]]] = {}
    count = 0
    for trace in traces:
        count += 1
        for other in trace.steps:
            if (other.optimizer, other.number) == (step.optimizer, step.number):
                for member in _members(other):
                    if member.samples is not None:
                        parts.setdefault(member.name, []).append(member.samples[0])
    for member in _members(step):
        own = parts.get(member.name, [])
        if member.samples is not None and len(own) == count:
            yield member.name, ([sum(values) / count for values in zip(*own, strict=True)], list(member.samples[1]))


def _laws(averages: Mapping[str, tuple[list[float], list[float]]]) -> dict[str, ChangeFact]:
    """What became of the averages: one law for all parameters where there is one (clipping), else each its own."""
    together = _law([v for mean, _ in averages.values() for v in mean], [v for _, used in averages.values() for v in used])
    if together.kind != "unexplained":
        return dict.fromkeys(averages, together)
    return {name: _law(mean, used) for name, (mean, used) in averages.items()}


def _law(mean: list[float], used: list[float]) -> ChangeFact:
    if _distance(mean, used) <= _TOLERANCE:
        return ChangeFact("ranks")
    square = sum(v * v for v in mean)
    factor = sum(a * b for a, b in zip(mean, used, strict=True)) / square if square else 0.0
    if len(mean) > 1 and _distance([factor * v for v in mean], used) <= _TOLERANCE:
        return ChangeFact("scale", factor)
    bound = max((abs(v) for v in used), default=0.0)
    if len(mean) > 1 and bound and _distance([min(max(v, -bound), bound) for v in mean], used) <= _TOLERANCE:
        return ChangeFact("clamp", bound=bound)
    return ChangeFact("unexplained", residual=_distance(mean, used))


def _distance(one: list[float], other: list[float]) -> float:
    size = max(math.hypot(*one), math.hypot(*other))
    return math.hypot(*(a - b for a, b in zip(one, other, strict=True))) / size if size else 0.0


def _with(step: StepFact, laws: Mapping[str, ChangeFact]) -> StepFact:
    groups = (
        GroupFact(g.options, g.inherited, tuple(replace(m, change=laws.get(m.name, m.change)) for m in g.members)) for g in step.groups
    )
    return replace(step, groups=tuple(groups))


def _members(step: StepFact) -> list[MemberFact]:
    return [member for group in step.groups for member in group.members]
