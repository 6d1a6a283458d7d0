"""Mistakes that show in the facts themselves: what no step model holds.

Rules on the step model (double decay, penalties, groups, duplicates) run as they are on the measured one. The rules here
read the order of events in the source when the reader speaks: which call clears, which forward runs in which mode. A
measurement has no such events. It sees what they do: gradients that are still there, layers that run in train mode,
parameters that nobody steps. RGL109 rests on the words of a filter there, and on what a group without decay holds here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from reglint.checks import Rule, all_rules
from reglint.findings import Finding, Level
from reglint.probe.facts import LOOSE, MemberFact, Observation, ParameterFact, Spot, StepFact, Trace
from reglint.probe.lines import span

# Rules that only a measurement decides: they have no check, but a page.
MEASURED_ONLY = {"RGL214": ("loss-broadcast", Level.ERROR), "RGL504": ("frozen-parameter-moves", Level.WARNING)}
JUDGED = frozenset(
    """RGL104 RGL105 RGL109 RGL203 RGL204 RGL206 RGL208 RGL301 RGL302 RGL303 RGL304 RGL401 RGL402 RGL403 RGL404 RGL405 RGL502
    RGL503""".split()
) | frozenset(MEASURED_ONLY)


@cache
def _registered() -> Mapping[str, Rule]:
    return {rule.code: rule for rule in all_rules()}


def _finding(code: str, spot: Spot | None, message: str, directory: str) -> Finding:
    rule = _registered().get(code)
    name, level = (rule.name, rule.level) if rule is not None else MEASURED_ONLY[code]
    return Finding(code, name, level, message, span(spot, directory))


def observed_findings(trace: Trace, directory: str) -> Iterable[Finding]:
    """All findings of the facts, in the order of the steps."""
    for seen in _joined(trace.observations):
        yield _finding(seen.code, seen.spot, seen.message, directory)
    parameters = {fact.name: fact for fact in trace.parameters}
    for step in trace.steps:
        if step.kind != "by hand":
            yield from _of_step(trace, step, parameters, directory)
    yield from _not_optimized(trace, directory)


def _joined(observations: Iterable[Observation]) -> Iterable[Observation]:
    """Several layers seen in the wrong mode in one forward pass are one mistake."""
    together: dict[Spot | None, list[str]] = {}
    for seen in observations:
        if seen.code == "RGL301":
            together.setdefault(seen.spot, []).append(seen.names[0])
        else:
            yield seen
    for spot, kinds in together.items():
        verb = "are" if len(kinds) > 1 else "is"
        yield Observation("RGL301", spot, f"{' and '.join(sorted(kinds))} {verb} in train mode during a forward pass without gradients")


def _of_step(trace: Trace, step: StepFact, parameters: Mapping[str, ParameterFact], directory: str) -> Iterable[Finding]:
    members = [member for group in step.groups for member in group.members]
    carried = [m for m in members if m.carried and m.gradient == "data"]
    if carried:
        message = f"gradients of {_some(carried)} are not cleared: step {step.number} adds them to those of the step before"
        yield _finding("RGL401", step.backward_spot or step.spot, message, directory)
    lost = [m for m in members if m.change.kind == "lost"]
    if lost:
        yield _finding("RGL402", step.spot, f"gradients of {_some(lost)} are cleared between backward and step", directory)
    replaced = [m for m in members if m.change.kind == "replaced"]
    if replaced:
        yield _finding("RGL105", step.spot, f"the data gradient of {_some(replaced)} is replaced before the step", directory)
    if step.number == 1 and not step.earlier and not step.closures and members and trace.backwards:
        yield _finding("RGL403", step.spot, "the first step finds no gradient at all: step() comes before backward()", directory)
    still = [m for m in members if m.gradient == "zero" and m.moved and not (m.fresh and parameters[m.name].trainable)]
    if still:
        share = max(abs(m.after_norm - m.before_norm) / m.before_norm if m.before_norm else 0.0 for m in still)
        message = f"{_some(still)} moves although its gradient is zero (norm changes by {share:.2g} of itself)"
        yield _finding("RGL504", step.spot, message, directory)
    yield from _mixed(step, directory)
    yield from _missed_by_filter(step, parameters, directory)
    for data in step.data:
        if data.again:
            yield _finding("RGL204", data.spot, f"{data.operation} is a mean already and is divided by the batch size once more", directory)
        if data.backwards > 1 and not step.closures and data.reduction == "mean" and data.text.lstrip("-") == "mean" and not carried:
            message = f"{data.backwards} backward passes of a mean loss are added up, not averaged: the step is {data.backwards}x as long"
            yield _finding("RGL208", step.backward_spot, message, directory)


def _missed_by_filter(step: StepFact, parameters: Mapping[str, ParameterFact], directory: str) -> Iterable[Finding]:
    """A group without decay that holds vectors only was made for biases and norms: which of them are decayed all the same?"""
    decays = [group.options.get("weight_decay", 0.0) for group in step.groups]
    spared = [group for group, decay in zip(step.groups, decays, strict=True) if decay == 0.0]
    if step.number != 1 or not spared or not any(decays):
        return
    if any(parameters[m.name].ndim > 1 for group in spared for m in group.members):
        return  # groups by layer: they may split biases and norms as they like
    decayed = [m for group, decay in zip(step.groups, decays, strict=True) if decay for m in group.members]
    missed = [m for m in decayed if parameters[m.name].role in ("norm", "bias") and parameters[m.name].trainable]
    if missed:
        kept = sum(len(group.members) for group in spared)
        message = f"the group without decay holds {kept} parameters, but not {_some(missed)}"
        yield _finding("RGL109", step.built or step.spot, message, directory)


def _mixed(step: StepFact, directory: str) -> Iterable[Finding]:
    """One objective of means and sums: their balance depends on the number of elements. A factor far below 1 compensates."""
    if step.backwards != 1:
        return  # several losses, each may have a reduction of its own
    means = [data for data in step.data if data.text in ("mean", "-mean") and data.elements > 1]
    sums = [data for data in step.data if data.reduction == "sum" and abs(data.element or 0.0) >= 0.25 and data.elements > 1]
    if means and sums:
        counts = f"a mean over {means[0].elements} elements and a sum over {sums[0].elements}"
        yield _finding("RGL203", step.backward_spot, f"{counts} stand in one loss: their balance depends on sizes", directory)


def _not_optimized(trace: Trace, directory: str) -> Iterable[Finding]:
    """Parameters that get a gradient and stand in no optimizer; not said of hand-written training."""
    steps = [step for step in trace.steps if step.kind != "by hand"]
    if not steps:
        return
    models = {p.model for p in trace.parameters if p.owned}
    loose = [p for p in trace.parameters if p.model == LOOSE and p.reached and not p.owned]
    if loose and models - {-1}:
        what = f"{len(loose)} parameters that forward uses are" if len(loose) > 1 else "a parameter that forward uses is"
        yield _finding("RGL502", steps[0].built or steps[0].spot, f"{what} in no registered module, and in no optimizer", directory)
    missing = [p for p in trace.parameters if p.trainable and p.reached and not p.owned and p.model in models and p.model >= 0]
    if missing:
        names = ", ".join(p.name for p in missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        count = len(missing)
        what = "a gradient but stands" if count == 1 else "gradients but stand"
        yield _finding(
            "RGL503", steps[0].built or steps[0].spot, f"{names} {'gets' if count == 1 else 'get'} {what} in no optimizer", directory
        )


def _some(members: list[MemberFact]) -> str:
    names = list(dict.fromkeys(m.name for m in members))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
