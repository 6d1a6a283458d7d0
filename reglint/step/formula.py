"""StepModel → UpdateFormula → text (unicode, ascii, LaTeX) and JSON, the same for predicted and measured steps.

A coefficient is the number that stands in front of w, w/‖w‖ or sign(w) in the update: an L2 penalty c·Σw² has the
coefficient 2c. Parameters of one group that get different terms get different formulas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from reglint.step.model import DecayKind, Number, Parameter, ParamGroup, Penalty, PenaltyForm, Role, StepModel
from reglint.step.notation import NOTATION, Notation, number_text

Style = Literal["unicode", "ascii", "latex"]
PLAIN = ("SGD", "ASGD", "by hand")  # without momentum their update is the gradient times η (torch/optim/sgd.py, _single_tensor_sgd)
_KIND = {PenaltyForm.L2: "l2_penalty", PenaltyForm.NORM: "norm_penalty", PenaltyForm.L1: "l1_penalty", PenaltyForm.OTHER: "other_penalty"}


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of the update. `coefficient` is in front of w (l2, decay), w/‖w‖ (norm), sign(w) (l1) or the gradient (data).

    `kind` is one of data, l2_penalty, norm_penalty, l1_penalty, other_penalty, coupled_decay, decoupled_decay, unknown;
    `label` names the place (`train.py:16`) or the option (`weight_decay`); `symbol` stands for an unknown coefficient.
    """

    kind: str
    coefficient: Number
    over: str
    label: str = ""
    symbol: str = "c"
    name: str = ""


@dataclass(frozen=True, slots=True)
class GradientChange:
    """What happened to a gradient between backward and step, as measured: first `added` (in front of w), then `clamp` or `factor`.

    `replaced`: nothing of the gradient is left, `added` stands in its place.
    The probe puts a mapping from parameter uid to GradientChange into `StepModel.facts["gradient"]`.
    """

    factor: float = 1.0
    clamp: float | None = None
    added: tuple[Term, ...] = ()
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class UpdateFormula:
    """The update of some parameters of one group that all get the same terms."""

    parameters: tuple[str, ...]
    group: ParamGroup
    law: str
    lr: Number
    terms: tuple[Term, ...]
    maximize: bool = False
    change: GradientChange = GradientChange()

    @property
    def decoupled(self) -> Term | None:
        """The term that acts on the weight itself, if any."""
        return next((term for term in self.terms if term.kind == "decoupled_decay"), None)

    def text(self, style: Style = "unicode", sources: bool = False) -> str:
        """One line, `w ← w − 0.1·(∇L_data + 1·w)`; with `sources` each term carries its place in brackets."""
        return _line(self, NOTATION[style], sources)


def formulas(step: StepModel, group: ParamGroup) -> tuple[UpdateFormula, ...]:
    """The update formulas of a group, the one with the most terms first (ties: by the order of its parameters)."""
    members = group.params.members
    if members is None:
        return (_formula(step, group, None, (group.params.label,)),)
    weights_first = sorted(members, key=lambda p: p.role is not Role.WEIGHT)
    found: list[tuple[UpdateFormula, list[str]]] = []
    for member in weights_first:
        made = _formula(step, group, member, ())
        same = next((names for other, names in found if (other.terms, other.change) == (made.terms, made.change)), None)
        if same is None:
            found.append((made, [member.name]))
        else:
            same.append(member.name)
    order = {member.name: index for index, member in enumerate(members)}
    ranked = sorted(found, key=lambda pair: -len(pair[0].terms))
    return tuple(replace(made, parameters=tuple(sorted(names, key=order.__getitem__))) for made, names in ranked)


def update_line(step: StepModel, group: ParamGroup, style: Style = "unicode", sources: bool = False) -> str:
    """The one-line update `w ← w − 0.1·(∇L_data + 2·w + 1·w)` of those parameters of the group that get the most terms."""
    made = formulas(step, group)
    return made[0].text(style, sources) if made else _formula(step, group, None, (group.params.label,)).text(style, sources)


def _formula(step: StepModel, group: ParamGroup, member: Parameter | None, names: tuple[str, ...]) -> UpdateFormula:
    """The formula of one parameter, or of the whole group where its parameters are not known."""
    changes = step.facts.get("gradient")
    change = changes.get(member.uid) if isinstance(changes, Mapping) and member is not None else None
    maximize = group.options.get("maximize", Number(0.0)).value == 1.0
    lr = group.options.get("lr", Number(None, "no learning rate found"))
    terms = (*_data_terms(step), *_penalty_terms(step, group, member), *_decay_terms(group))
    return UpdateFormula(names, group, _law(step, group), lr, terms, maximize, change or GradientChange())


def _law(step: StepModel, group: ParamGroup) -> str:
    """Empty where the step is η times the gradient, else the optimizer that shapes it: `SGD(momentum 0.9)`, `AdamW`."""
    momentum = group.options.get("momentum")
    has_momentum = momentum is not None and momentum.value != 0.0
    if step.optimizer.short in PLAIN and not has_momentum:
        return ""
    if has_momentum and momentum is not None:
        return f"{step.optimizer.short}(momentum {momentum if momentum.value is not None else 'μ'})"
    return step.optimizer.short


def _data_terms(step: StepModel) -> Iterable[Term]:
    """The data part: one ∇L_data where all scales are one and the same, else one addend per data term."""
    data = [term for objective in step.objectives for term in objective.data]
    scales = {term.scale.value for term in data}
    if len(scales) <= 1:
        scale = data[0].scale if data else Number(1.0, "not resolved")
        label = _place(data[0].span.path, data[0].span.row) if data else ""
        yield Term("data", scale, "all", label, "s", "data")
    else:
        for index, term in enumerate(data, 1):
            name = term.name if term.name.isidentifier() else str(index)
            yield Term("data", term.scale, "all", _place(term.span.path, term.span.row), f"s_{index}", name)
    for objective in step.objectives:
        for reason in objective.unknown:
            place = _place(objective.span.path, objective.span.row)
            yield Term("unknown", Number(None, reason, span=objective.span), "unknown", place, "?", "unknown")


def _penalty_terms(step: StepModel, group: ParamGroup, member: Parameter | None) -> Iterable[Term]:
    reaching = [p for objective in step.objectives for p in objective.penalties if p.connected and _reaches(p, group, member)]
    for index, penalty in enumerate(reaching, 1):
        coefficient = penalty.coefficient
        if penalty.form is PenaltyForm.L2 and coefficient.value is not None:
            coefficient = replace(coefficient, value=2.0 * coefficient.value)  # d(c·w²)/dw = 2c·w
        if coefficient.value == 0.0:
            continue  # switched off: it is no part of this update
        symbol = "c" if len(reaching) == 1 else f"c_{index}"
        where = penalty.added_at or penalty.span
        place = _place(where.path, where.row)
        yield Term(_KIND[penalty.form], coefficient, penalty.over.label, place, symbol, penalty.described_as or "penalty")


def _reaches(penalty: Penalty, group: ParamGroup, member: Parameter | None) -> bool:
    if member is not None and penalty.over.members is not None:
        return any(p.uid == member.uid for p in penalty.over.members)
    return penalty.over.overlaps(group.params) is not False  # not known: shown, and its range is named


def _decay_terms(group: ParamGroup) -> Iterable[Term]:
    decay = group.options.get("weight_decay")
    if decay is None or decay.value == 0.0 or group.decay is DecayKind.NONE:
        return
    kind = {DecayKind.COUPLED: "coupled_decay", DecayKind.DECOUPLED: "decoupled_decay"}.get(group.decay, "unknown")
    yield Term(kind, decay, group.params.label, "weight_decay", "λ", "decay")


def _place(path: str, row: int) -> str:
    return f"{path.rpartition('/')[2]}:{row}"


def _line(formula: UpdateFormula, sign: Notation, sources: bool) -> str:
    inside = [term for term in formula.terms if term.kind not in ("decoupled_decay", "coupled_decay")]
    after = [term for term in formula.terms if term.kind == "coupled_decay"]
    change = formula.change
    if change.replaced:
        inside = []
    body = _sum([_text(term, sign, sources) for term in (*inside, *change.added)], sign)
    if change.clamp is not None:
        body = sign.clamp(body, number_text(change.clamp))
    elif change.factor != 1.0:
        factor = number_text(change.factor)
        several = len(inside) + len(change.added) > 1
        body = sign.times(factor, sign.parentheses(body) if several else body)
    for term in after:
        # maximize turns the gradient round before the decay is added (torch/optim/sgd.py): the decay still shrinks
        body += (sign.minus if formula.maximize else " + ") + _text(term, sign, sources)
    rate = number_text(formula.lr.value) if formula.lr.value is not None else sign.eta
    step = f"{formula.law}[lr={rate}]{sign.parentheses(body)}" if formula.law else sign.times(rate, sign.parentheses(body))
    kept = sign.weight if formula.decoupled is None else _kept(formula.lr, formula.decoupled.coefficient, sign)
    return f"{sign.weight} {sign.arrow} {kept}{' + ' if formula.maximize else sign.minus}{step}"


def _sum(parts: list[str], sign: Notation) -> str:
    """`a + b − c`: an addend that starts with a minus is subtracted."""
    text = parts[0] if parts else "0"
    for part in parts[1:]:
        text += sign.minus + part[1:] if part.startswith("-") else " + " + part
    return text


def _text(term: Term, sign: Notation, sources: bool) -> str:
    value = term.coefficient.value
    factor = sign.symbol(term.symbol) if value is None else number_text(value)
    match term.kind:
        case "data":
            return sign.gradient(term.name) if value == 1.0 else sign.times(factor, sign.gradient(term.name))
        case "norm_penalty":
            made = sign.times(factor, sign.direction)
        case "l1_penalty":
            made = sign.times(factor, sign.signum)
        case "other_penalty":
            made = sign.times(factor, sign.derivative(term.name))
        case "unknown" if term.name == "unknown":
            made = sign.derivative("unknown")
        case _:
            made = sign.times(factor, sign.weight)
    return f"{made} [{term.label}]" if sources and term.label else made


def _kept(lr: Number, decay: Number, sign: Notation) -> str:
    """What decoupled decay leaves of w in one step: `0.9·w`, or `(1 − η·λ)·w` where a number is missing."""
    if lr.value is None or decay.value is None:
        rate = number_text(lr.value) if lr.value is not None else sign.eta
        strength = number_text(decay.value) if decay.value is not None else sign.symbol("λ")
        return sign.times(f"(1{sign.minus}{sign.times(rate, strength)})", sign.weight)
    lost = lr.value * decay.value
    kept = number_text(1.0 - lost)
    if kept == "1" and lost != 0.0:  # six digits do not show it
        return sign.times(f"(1{sign.minus}{number_text(lost)})", sign.weight)
    return sign.times(kept, sign.weight)


def render(step: StepModel, style: Style = "unicode", sources: bool = True) -> str:
    """The update formula of a step as text of several lines: per kind of parameter the formula, and where its numbers come from."""
    sign = NOTATION[style]
    lines = [f"{step.optimizer.span.path}:{step.optimizer.span.row}  {step.optimizer.short} ({_witness(step)})"]
    for group in step.optimizer.groups:
        for formula in formulas(step, group):
            lines += [f"  {_names(formula.parameters)}", f"    {formula.text(style)}"]
            if sources:
                lines += [f"      {line}" for line in _source_lines(formula, sign)]
    return "\n".join(lines)


def _witness(step: StepModel) -> str:
    return "measured" if step.witness == "probe" else "predicted"


def _names(parameters: tuple[str, ...]) -> str:
    shown = ", ".join(parameters[:6])
    return shown if len(parameters) <= 6 else f"{shown} and {len(parameters) - 6} more"


def _source_lines(formula: UpdateFormula, sign: Notation) -> list[str]:
    """One aligned line per number: what it is, its value, its source or why it is not known."""
    rows = [("lr", formula.lr, "")]
    for term in formula.terms:
        if term.kind == "data" and term.coefficient.value == 1.0:
            continue  # a bare ∇L_data has no number to explain
        over = f", over {term.over}" if term.kind.endswith("penalty") else ""
        at = f" at {term.label}" if term.label and term.label not in term.coefficient.source and ":" in term.label else ""
        rows.append((_text(term, sign, False), term.coefficient, f"{term.kind.replace('_', ' ')}{at}{over}"))
    width = max(len(name) for name, _, _ in rows)
    lines = []
    for name, number, meaning in rows:
        told = number.source if number.value is not None else f"not known: {number.source or 'no reason given'}"
        value = f" = {number}" if name == "lr" and number.value is not None else ""
        lines.append("  ".join(part for part in (f"{name + value:<{width}}", meaning, told) if part))
    return [*lines, *_half_life(formula)]


def _half_life(formula: UpdateFormula) -> list[str]:
    """ln 2 / (η·λ) steps: how long pure decay takes to halve a weight; said only where one λ acts on w directly."""
    pulls = [t.coefficient.value for t in formula.terms if t.kind in ("coupled_decay", "decoupled_decay", "l2_penalty")]
    direct = not formula.law or formula.decoupled is not None
    if not direct or formula.lr.value is None or not pulls or (formula.law and len(pulls) > 1) or formula.change != GradientChange():
        return []
    known = [pull for pull in pulls if pull is not None]
    rate = formula.lr.value * sum(known)
    if len(known) < len(pulls) or not 0.0 < rate < 1.0:
        return []
    return [f"half-life of a weight without data gradient: {math.log(2.0) / rate:.4g} steps"]


def to_json(step: StepModel) -> dict[str, Any]:
    """The step as in `reglint formula --output-format json`; one entry of `groups` per distinct formula."""
    groups = [made for group in step.optimizer.groups for made in formulas(step, group)]
    return {
        "path": step.optimizer.span.path,
        "row": step.optimizer.span.row,
        "optimizer": step.optimizer.kind,
        "groups": [_group_json(formula) for formula in groups],
        "text": "\n".join(dict.fromkeys(formula.text() for formula in groups)),
    }


def _group_json(formula: UpdateFormula) -> dict[str, Any]:
    return {
        "parameters": list(formula.parameters),
        "options": {name: {"value": n.value, "source": n.source} for name, n in formula.group.options.items()},
        "terms": [
            {"kind": t.kind, "coefficient": t.coefficient.value, "source": t.coefficient.source, "over": t.over} for t in formula.terms
        ],
    }
