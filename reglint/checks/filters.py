"""Whether the groups of an optimizer keep weight_decay away from what their filter was written for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reglint.checks.penalties import is_nonzero, is_zero
from reglint.step.model import Parameter, ParamGroup, Role, StepModel

NORM_WORD = re.compile(r"norm|(?<![a-z])(ln|bn|gn)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Miss:
    """`missed` are decayed although `group` was made to spare their like; `why` says how the filter misses them."""

    group: ParamGroup
    missed: tuple[Parameter, ...]
    why: str


def miss(step: StepModel) -> Miss | None:
    """The first hole of a no-decay filter; None where a group's parameters are not known or nothing is missed."""
    groups = step.optimizer.groups
    if any(g.params.members is None for g in groups):
        return None
    spared = [g for g in groups if is_zero(g.options.get("weight_decay"))]
    decaying = [g for g in groups if is_nonzero(g.options.get("weight_decay"))]
    filtered = [g for g in decaying if g.params.selected_at is not None]
    # Beside what the filter left over, a group that nothing was filtered from is decayed as a whole: a head, with a rate of its own.
    decayed = [p for g in filtered or decaying for p in g.params.members or ()]
    if not spared or not decayed:
        return None
    group = spared[0]
    by_name = bool(step.facts.get("name_words"))
    if not by_name and group.params.selected_at is None:
        return None  # groups by layer, not by a filter: they may split biases and norms as they like
    kept = [p for g in spared for p in g.params.members or ()]
    words = step.facts.get("name_words")
    named = sorted(words) if isinstance(words, frozenset) else []
    return _norms(group, kept, decayed, named) or _biases(group, kept, decayed) or _scalars(group, kept, decayed, named)


def _norms(group: ParamGroup, kept: list[Parameter], decayed: list[Parameter], words: list[str]) -> Miss | None:
    missed = tuple(p for p in decayed if _is_gain(p))
    spared = [p for p in kept if _is_gain(p)]
    if not missed:
        return None
    if spared:
        return Miss(group, missed, f"it spares {spared[0].name}, but not {missed[0].name}")
    wanted = [w for w in words if NORM_WORD.search(w)]
    if not wanted:
        return None  # nothing says that the gains were to be spared
    return Miss(group, missed, f"nothing is called {wanted[0]!r} here: {_counted(missed)} decayed")


def _is_gain(param: Parameter) -> bool:
    return param.role is Role.NORM and not param.name.endswith("bias") and param.trainable


def _biases(group: ParamGroup, kept: list[Parameter], decayed: list[Parameter]) -> Miss | None:
    missed = tuple(p for p in decayed if p.role is Role.BIAS and p.trainable)
    spared = [p for p in kept if p.role is Role.BIAS]
    if missed and spared:
        return Miss(group, missed, f"it spares {spared[0].name}, but not {missed[0].name}")
    return None


def _scalars(group: ParamGroup, kept: list[Parameter], decayed: list[Parameter], words: list[str]) -> Miss | None:
    """A test for one dimension passes by a scalar, which has none."""
    missed = tuple(p for p in decayed if p.ndim == 0 and p.trainable)
    by_dimension = not words and all(p.ndim == 1 for p in kept) and not any(p.ndim == 1 for p in decayed)
    return Miss(group, missed, f"{missed[0].name} has no dimension, so a test for one misses it") if missed and by_dimension else None


def _counted(missed: tuple[Parameter, ...]) -> str:
    return f"{missed[0].name} is" if len(missed) == 1 else f"{missed[0].name} and {len(missed) - 1} more are"
