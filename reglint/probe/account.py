"""From the recorder's samples to facts: laws, replays, changes, penalties per step."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch

from reglint.probe import laboratory, reduction, samples, stages
from reglint.probe.clone import Clone
from reglint.probe.facts import (
    ChangeFact,
    DataFact,
    GroupFact,
    LawFact,
    MemberFact,
    ParameterFact,
    PenaltyFact,
    StepFact,
    Trace,
)
from reglint.probe.manual import by_hand
from reglint.probe.names import Names
from reglint.probe.recorder import Recorder
from reglint.probe.records import Backward, Member, Step
from reglint.probe.watcher import Watcher, spot

_SAMPLES_FOR_RANKS = 64


class Account:
    """The facts of one recorder, made once after the last step."""

    def __init__(self, recorder: Recorder, watcher: Watcher) -> None:
        labels = {uid: label for uid, label in recorder.labels.items() if label}
        self.recorder = recorder
        self.watcher = watcher
        self.names = Names([(root, labels.get(id(root), type(root).__name__.lower())) for root in watcher.roots])
        for number, optimizer in enumerate(recorder.optimizers.values()):
            for index, group in enumerate(optimizer.param_groups):
                for position, parameter in enumerate(group["params"]):
                    self.names.add(parameter, labels.get(id(parameter), f"optimizer{number}.group{index}[{position}]"))
        for tracked in recorder.tracked.values():
            if tracked.reached:
                self.names.add(tracked.tensor, labels.get(id(tracked.tensor), f"tensor{len(self.names.names)}"))
        self.laws: dict[tuple[int, int, int], LawFact] = {}
        self.limits: list[str] = []

    def trace(self, outcome: str, message: str = "") -> Trace:
        """Everything, as plain data."""
        recorder = self.recorder
        for tracked in recorder.tracked.values():
            if tracked.stepped:
                tracked.weight = tracked.value()
        for step in recorder.steps:
            recorder.settle(step)
        changes = self._agreed([self._changes(step) for step in recorder.steps])
        steps = [self._step(step, found) for step, found in zip(recorder.steps, changes, strict=True)]
        steps += by_hand(recorder, self.names, self._penalties, self._data)
        device = next((str(t.tensor.device.type) for t in recorder.tracked.values()), "cpu")
        return Trace(
            outcome=outcome,
            torch=torch.__version__,
            device=device,
            steps=tuple(steps),
            parameters=tuple(self._parameters()),
            observations=tuple(self.watcher.seen.values()),
            limits=tuple(dict.fromkeys(self.limits)),
            backwards=len(recorder.backwards),
            evaluations=self.watcher.evaluations,
            rank=_rank()[0],
            ranks=_rank()[1],
            message=message,
            failures=tuple(dict.fromkeys(recorder.failures)),
        )

    def _parameters(self) -> Iterable[ParameterFact]:
        owned = {id(p) for o in self.recorder.optimizers.values() for g in o.param_groups for p in g["params"]}
        for uid, parameter in self.names.parameters.items():
            tracked = self.recorder.tracked.get(uid)
            yield ParameterFact(
                self.names.names[uid],
                str(self.names.roles[uid]),
                uid,
                parameter.dim(),
                parameter.numel(),
                str(parameter.dtype).removeprefix("torch."),
                parameter.requires_grad,
                self.names.layers[uid],
                self.names.models[uid],
                uid in owned,
                tracked is not None and tracked.reached,
                samples.norm(parameter.detach()),
            )

    def _step(self, step: Step, changes: list[stages.Change]) -> StepFact:
        members = _members(step)
        optimizer = step.optimizer
        groups, position = [], 0
        for index, (options, group) in enumerate(step.groups):
            facts = []
            for member in group:
                law = self._law(optimizer, index, options, member)
                facts.append(self._member(step, options, member, _change_fact(changes[position]), law))
                position += 1
            numbers = {k: v for k, v in ((k, _option(v)) for k, v in options.items()) if v is not None}
            groups.append(GroupFact(numbers, self._inherited(optimizer, index, numbers), tuple(facts)))
        kind = type(optimizer)
        last = step.backwards[-1] if step.backwards else None
        ids = list(self.recorder.optimizers)
        return StepFact(
            optimizer=ids.index(id(optimizer)),
            kind=f"{_public(kind.__module__)}.{kind.__qualname__}",
            built=spot(self.recorder.built.get(id(optimizer))),
            spot=spot(step.place),
            number=step.number,
            groups=tuple(groups),
            penalties=self._penalties(step.backwards, {id(m.tracked.tensor) for m in members}),
            data=self._data(step.backwards),
            backwards=len(step.backwards),
            backward_spot=spot(last.place) if last else None,
            loss=last.loss if last else None,
            closures=step.closures,
            earlier=step.earlier,
            default_decay=_class_default(kind, "weight_decay"),
        )

    def _inherited(self, optimizer: Any, index: int, numbers: dict[str, float]) -> tuple[str, ...]:
        """The options for which the group had no key of its own; unknown for groups added later or given as an iterator."""
        given = self.recorder.given.get(id(optimizer), [])
        return tuple(name for name in numbers if name not in given[index]) if index < len(given) else ()

    def _changes(self, step: Step) -> list[stages.Change]:
        """What happened to the gradients between autograd and the step, by member."""
        members = _members(step)
        chosen = [m for m in members if m.pure is not None and m.grad is not None and m.pure.shape == m.grad.shape]
        found = stages.explain([stages.Pair(m.pure, m.grad, m.before) for m in chosen if m.pure is not None and m.grad is not None])
        by_member = {id(m): change for m, change in zip(chosen, found, strict=True)}
        ranks = _rank()[1] > 1
        made = []
        for member in members:
            change = by_member.get(id(member), stages.NONE)
            if member.pure is not None and member.grad is None:
                change = stages.Change("lost", 0.0)
            made.append(replace(change, kind="ranks") if ranks and change.kind != "none" else change)
        return made

    def _agreed(self, found: list[list[stages.Change]]) -> list[list[stages.Change]]:
        """The same with forms that only several steps of a parameter show."""
        members = [_members(step) for step in self.recorder.steps]
        histories: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for number, step in enumerate(self.recorder.steps):
            for position, member in enumerate(members[number]):
                histories.setdefault((id(step.optimizer), id(member.tracked.tensor)), []).append((number, position))
        made = [list(changes) for changes in found]
        for places in histories.values():
            history = [(found[n][p], members[n][p].before) for n, p in places]
            for (n, p), change in zip(places, stages.agreed(history), strict=True):
                made[n][p] = change
        return made

    def _law(self, optimizer: Any, index: int, options: dict[str, Any], member: Member) -> LawFact:
        dimensions = member.tracked.tensor.dim()
        key = (id(optimizer), index, min(dimensions, 4))
        if key not in self.laws:
            law = laboratory.measure(optimizer, options, dimensions)
            self.laws[key] = LawFact(law.kind, law.decay, law.kappa, law.option, law.residual, law.elementwise, law.remark)
            if law.kind == "unknown":
                self.limits.append(f"decay of {type(optimizer).__name__} is not known: {law.remark}")
        return self.laws[key]

    def _member(self, step: Step, options: dict[str, Any], member: Member, change: ChangeFact, law: LawFact) -> MemberFact:
        touched = member.touched if member.touched.kind != "none" else member.drifted
        gap = residual = floor = without = None
        if law.elementwise and step.closures == 0 and member.kind == "data" and member.after is not None:
            gap, residual, floor = _replay(step.optimizer, options, member)
            if law.option:
                without = _replay(step.optimizer, {**options, law.option: 0.0}, member)[1]
        samples_for_ranks = None
        if change.kind == "ranks" and member.pure is not None and member.grad is not None:
            samples_for_ranks = (tuple(member.pure[:_SAMPLES_FOR_RANKS].tolist()), tuple(member.grad[:_SAMPLES_FOR_RANKS].tolist()))
        return MemberFact(
            name=self.names.names[id(member.tracked.tensor)],
            gradient=member.kind,
            before_norm=member.before_norm,
            after_norm=member.after_norm,
            moved=member.moved,
            change=change,
            outside=_change_fact(touched),
            law=law,
            gap=gap,
            residual=residual,
            floor=floor,
            without_decay=without,
            carried=member.carried,
            fresh=member.fresh,
            samples=samples_for_ranks,
            update=_size(member),
        )

    def _penalties(self, backwards: list[Backward], ids: set[int]) -> tuple[PenaltyFact, ...]:
        """The penalties of all backward passes of a step, equal ones added up, split where coefficients differ."""
        sums: dict[Any, dict[int, tuple[str, float | None, float, int, str]]] = {}
        for backward in backwards:
            for term in backward.terms:
                entry = sums.setdefault((term.place, term.join, term.operation), {})
                for uid, found in term.found.items():
                    form, coefficient, norm, count, description = entry.get(uid, (found.form, 0.0, 0.0, 0, found.description))
                    known = coefficient is not None and found.coefficient is not None and form == found.form
                    total = coefficient + found.coefficient if known else None  # type: ignore[operator]
                    entry[uid] = (form if known or not count else "other", total, norm + found.norm, count + 1, description)
        made: list[PenaltyFact] = []
        for (place, join, _), entry in sums.items():
            classes: dict[Any, list[tuple[int, tuple[str, float | None, float, int, str]]]] = {}
            for uid, value in entry.items():
                rounded = None if value[1] is None else float(f"{value[1]:.4g}")
                classes.setdefault((value[0], rounded, value[4]), []).append((uid, value))
            for (form, _, description), pairs in classes.items():
                if not any(uid in ids for uid, _ in pairs):
                    continue
                values = [value[1] for _, value in pairs if value[1] is not None]
                coefficient = _clean(sum(values) / len(values)) if len(values) == len(pairs) else None
                over = tuple(self.names.names[uid] for uid, _ in pairs)
                norm = math.hypot(*(value[2] for _, value in pairs))
                made.append(PenaltyFact(form, coefficient, over, spot(place), spot(join), description, pairs[0][1][3], norm))
        return tuple(made)

    def _data(self, backwards: list[Backward]) -> tuple[DataFact, ...]:
        terms: dict[Any, list[tuple[int, reduction.ReductionFound]]] = {}
        for number, backward in enumerate(backwards):
            for term in backward.data:
                terms.setdefault((term.operation, term.place or backward.place, term.element), []).append((number, term))
        made = []
        for (operation, place, _), same in terms.items():
            passes = {number for key, others in terms.items() if key[:2] == (operation, place) for number, _ in others}
            one, count = same[0][1], len({number for number, _ in same})
            verdict = reduction.verdict(one, len(passes))
            made.append(
                DataFact(
                    operation,
                    verdict.reduction,
                    verdict.text,
                    spot(place),
                    verdict.again,
                    one.element,
                    one.elements,
                    count,
                    len(same) // count,
                    one.weighted,
                )
            )
        return tuple(made)


def _members(step: Step) -> list[Member]:
    return [member for _, group in step.groups for member in group]


def _change_fact(change: stages.Change) -> ChangeFact:
    return ChangeFact(change.kind, change.factor, change.bound, change.pull, change.residual, change.form, change.signed)


def _size(member: Member) -> float | None:
    """‖Δw‖/‖w‖ on the samples."""
    before = float(member.before.norm())
    return float((member.after - member.before).norm()) / before if member.after is not None and before > 0.0 else None


def _replay(optimizer: Any, options: dict[str, Any], member: Member) -> tuple[float | None, float | None, float | None]:
    """(gap, residual, floor): one float64 step on the samples, from the real state, against what really happened."""
    assert member.after is not None and member.grad is not None
    options = {**options, "fused": False} if options.get("fused") else options
    try:
        state = {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in member.state.items()}  # a step changes it in place
        clone = Clone(optimizer, options, member.before, state or None)
        with torch.enable_grad():
            expected = clone.step(member.before, member.grad)
    except Exception:  # a third-party optimizer may need more than a sample; then there is no replay
        return None, None, None
    real = member.after - member.before
    allowed = samples.floor(member.before, real, member.tracked.tensor.dtype)
    size = max(float(real.norm()), 1e-300)
    difference = (real - expected).abs()
    return float((difference / allowed).max()), float(difference.norm()) / size, float(allowed.norm()) / size


def _clean(value: float) -> float:
    """Six digits: what float32 coefficients can show."""
    return float(f"{value:.6g}")


def _option(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    return laboratory.number(value)


def _class_default(kind: Any, option: str) -> float | None:
    """The default in the signature of an optimizer class; None where it has no such option."""
    try:
        parameter = inspect.signature(kind.__init__).parameters.get(option)
    except (TypeError, ValueError):  # a signature that cannot be read
        return None
    return None if parameter is None else _option(parameter.default)


def _public(module: str) -> str:
    return "torch.optim" if module.startswith("torch.optim") else module


def _rank() -> tuple[int, int]:
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
