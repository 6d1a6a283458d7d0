"""Updates written by hand: weights that move between backward passes without any optimizer."""

from __future__ import annotations

from collections.abc import Callable

import torch

from reglint.probe import stages
from reglint.probe.facts import ChangeFact, DataFact, GroupFact, LawFact, MemberFact, PenaltyFact, StepFact
from reglint.probe.names import Names
from reglint.probe.recorder import Recorder
from reglint.probe.records import Backward, Manual
from reglint.probe.watcher import spot

_EXACT = 1e-4  # of the update: float32 differences of weights show no more
_LOOSE = 1e-3


def by_hand(
    recorder: Recorder,
    names: Names,
    penalties: Callable[[list[Backward], set[int]], tuple[PenaltyFact, ...]],
    data: Callable[[list[Backward]], tuple[DataFact, ...]],
) -> list[StepFact]:
    """One fact per hand-written update: Δw = −η·g − κ·w with one η for all, κ per parameter over all observed updates."""
    rate, laws = _laws(recorder.manual)
    return [_fact(update, number, rate, laws, names, penalties, data) for number, update in enumerate(recorder.manual, 1)]


def _fact(
    update: Manual,
    number: int,
    rate: float | None,
    laws: dict[int, LawFact],
    names: Names,
    penalties: Callable[[list[Backward], set[int]], tuple[PenaltyFact, ...]],
    data: Callable[[list[Backward]], tuple[DataFact, ...]],
) -> StepFact:
    members = []
    changes = stages.explain([stages.Pair(*values) for values in zip(update.pure, update.used, update.before, strict=True)])
    for tracked, old, new, grad, change in zip(update.moved, update.before, update.after, update.used, changes, strict=True):
        law = laws.get(id(tracked.tensor), LawFact("unknown", None))
        moved = new - old
        expected = torch.zeros_like(moved) if rate is None else -rate * grad - (law.kappa or 0.0) * old
        rest = float((moved - expected).norm()) / max(float(moved.norm()), 1e-300)
        members.append(
            MemberFact(
                name=names.names[id(tracked.tensor)],
                gradient="data",
                before_norm=float(old.norm()),
                after_norm=float(new.norm()),
                moved=True,
                change=ChangeFact(change.kind, change.factor, change.bound, change.pull, change.residual, change.form),
                outside=ChangeFact(),
                law=law,
                gap=rest / _LOOSE,
                residual=rest,
                floor=_LOOSE,
            )
        )
    last = update.backwards[-1] if update.backwards else None
    return StepFact(
        optimizer=-1,
        kind="by hand",
        built=spot(update.place),
        spot=spot(update.place),
        number=number,
        groups=(GroupFact({} if rate is None else {"lr": rate}, (), tuple(members)),),
        penalties=penalties(update.backwards, {id(t.tensor) for t in update.moved}),
        data=data(update.backwards),
        backwards=len(update.backwards),
        backward_spot=spot(last.place) if last else None,
        loss=last.loss if last else None,
    )


def _laws(manual: list[Manual]) -> tuple[float | None, dict[int, LawFact]]:
    """The rate η shared by all, and per parameter its shrink κ; the simplest law that fits is taken."""
    rows: dict[int, list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]] = {}
    for update in manual:
        for tracked, old, new, grad in zip(update.moved, update.before, update.after, update.used, strict=True):
            rows.setdefault(id(tracked.tensor), []).append((new - old, grad, old))
    every = [row for entry in rows.values() for row in entry]
    if not every:
        return None, {}
    plain = _fit(every, False)
    if plain is not None and plain[2] < _EXACT:
        return _round(plain[0]), {uid: LawFact("none", 0.0, 0.0, elementwise=True) for uid in rows}
    laws: dict[int, LawFact] = {}
    rates = []
    for uid, entry in rows.items():
        simple, full = _fit(entry, False), _fit(entry, True)
        equations = sum(row[0].numel() for row in entry)
        if simple is not None and simple[2] < _EXACT and equations > 1:
            rates.append(simple[0])
            laws[uid] = LawFact("none", 0.0, 0.0, elementwise=True)
        elif full is not None and full[2] < _LOOSE and equations > 2:
            rates.append(full[0])
            laws[uid] = LawFact("linear", _round(full[1] / full[0]), full[1], residual=full[2], elementwise=True)
    if rates and max(rates) - min(rates) <= 1e-3 * abs(rates[0]):
        return _round(sum(rates) / len(rates)), laws
    together = _fit(every, True)
    equations = sum(row[0].numel() for row in every)
    if together is not None and together[2] < _LOOSE and equations > 2:
        law = LawFact("linear", _round(together[1] / together[0]), together[1], residual=together[2], elementwise=True)
        return _round(together[0]), dict.fromkeys(rows, law)
    return None, {uid: LawFact("unknown", None, remark="not η·gradient plus a multiple of the weights") for uid in rows}


def _fit(rows: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]], decay: bool) -> tuple[float, float, float] | None:
    """(η, κ, relative residual) of Δw = −η·g − κ·w."""
    change, grad, weight = (torch.cat([row[i] for row in rows]) for i in range(3))
    columns = [-grad, -weight] if decay else [-grad]
    system = torch.stack(columns, 1)
    if change.numel() < len(columns) or int(torch.linalg.matrix_rank(system)) < len(columns):
        return None
    solution = torch.linalg.lstsq(system, change[:, None]).solution[:, 0]
    rest = float((system @ solution - change).norm()) / max(float(change.norm()), 1e-300)
    return float(solution[0]), float(solution[1]) if decay else 0.0, rest


def _round(value: float) -> float:
    """Four digits where they are enough: float32 differences of weights show no more."""
    short = float(f"{value:.3g}")
    return short if abs(short - value) <= 2e-4 * abs(value) else float(f"{value:.4g}")
