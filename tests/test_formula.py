"""The update formula: text in three styles, JSON, and what is said about numbers that are not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reglint.source import Span
from reglint.step.formula import GradientChange, Term, formulas, render, to_json, update_line
from reglint.step.model import (
    DataTerm,
    DecayKind,
    Number,
    Objective,
    Optimizer,
    Parameter,
    ParamGroup,
    ParamSet,
    Penalty,
    PenaltyForm,
    Reduction,
    Role,
    StepModel,
)

WEIGHT = Parameter("weight", Role.WEIGHT, 1, 2)
BIAS = Parameter("bias", Role.BIAS, 2, 1)
BOTH = ParamSet("model.parameters()", frozenset({7}), (WEIGHT, BIAS))


def at(row: int) -> Span:
    """A whole line of train.py."""
    return Span("src/train.py", row, 1, row, 20)


def penalty(form: PenaltyForm, coefficient: float | None, over: ParamSet = BOTH, row: int = 17) -> Penalty:
    """A penalty c·f(w) at train.py:17."""
    return Penalty(form, Number(coefficient, "literal at train.py:17" if coefficient is not None else "set at run time"), over, at(row))


def step(
    kind: str = "SGD",
    decay: DecayKind = DecayKind.COUPLED,
    penalties: tuple[Penalty, ...] = (),
    params: ParamSet = BOTH,
    **options: float | None,
) -> StepModel:
    """A step of one group with lr 0.1 unless told otherwise."""
    numbers = {name: Number(value, f"{name} in train.py") for name, value in ({"lr": 0.1} | options).items()}
    group = ParamGroup(params, numbers, span=at(9), decay=decay)
    data = DataTerm("loss", Reduction.MEAN, Number(1.0), at(12))
    return StepModel(Optimizer(3, f"torch.optim.{kind}", (group,), at(9)), (Objective((data,), penalties, (), at(13)),), at(14))


def line(made: StepModel, **how: object) -> str:
    """The first group's formula."""
    return update_line(made, made.optimizer.groups[0], **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (step(), "w ← w − 0.1·(∇L_data)"),
        (step(weight_decay=1.0), "w ← w − 0.1·(∇L_data + 1·w)"),
        (step(weight_decay=1.0, penalties=(penalty(PenaltyForm.L2, 1.0),)), "w ← w − 0.1·(∇L_data + 2·w + 1·w)"),
        (step(penalties=(penalty(PenaltyForm.L1, 1.0),)), "w ← w − 0.1·(∇L_data + 1·sign(w))"),
        (step(penalties=(penalty(PenaltyForm.NORM, 0.5),)), "w ← w − 0.1·(∇L_data + 0.5·w/‖w‖)"),
        (step(penalties=(penalty(PenaltyForm.L2, -1.0),)), "w ← w − 0.1·(∇L_data − 2·w)"),
        (step(penalties=(penalty(PenaltyForm.L2, 0.0),)), "w ← w − 0.1·(∇L_data)"),
        (step("AdamW", DecayKind.DECOUPLED, weight_decay=1.0), "w ← 0.9·w − AdamW[lr=0.1](∇L_data)"),
        (step("AdamW", DecayKind.DECOUPLED, lr=1e-5, weight_decay=1e-2), "w ← (1 − 1e-07)·w − AdamW[lr=1e-05](∇L_data)"),
        (step("AdamW", DecayKind.DECOUPLED, lr=1.0, weight_decay=3.0), "w ← -2·w − AdamW[lr=1](∇L_data)"),
        (step("AdamW", DecayKind.DECOUPLED, lr=None, weight_decay=None), "w ← (1 − η·λ)·w − AdamW[lr=η](∇L_data)"),
        (step("Adam", weight_decay=1.0), "w ← w − Adam[lr=0.1](∇L_data + 1·w)"),
        (step(momentum=0.9, weight_decay=1.0), "w ← w − SGD(momentum 0.9)[lr=0.1](∇L_data + 1·w)"),
        (step(maximize=1.0, weight_decay=1.0), "w ← w + 0.1·(∇L_data − 1·w)"),
        (step(weight_decay=None), "w ← w − 0.1·(∇L_data + λ·w)"),
    ],
)
def test_line(made: StepModel, text: str) -> None:
    """Each law and each term has its own shape in the line."""
    assert line(made) == text


def test_styles() -> None:
    """The same formula in ascii and LaTeX."""
    made = step("AdamW", DecayKind.DECOUPLED, (penalty(PenaltyForm.NORM, 0.5),), weight_decay=1.0)
    assert line(made, style="ascii") == "w <- 0.9*w - AdamW[lr=0.1](grad L_data + 0.5*w/|w|)"
    assert line(made, style="latex") == (r"w \leftarrow 0.9 \cdot w - AdamW[lr=0.1](\nabla L_{\mathrm{data}} + 0.5 \cdot w/\lVert w\rVert)")


def test_sources_in_brackets() -> None:
    """With sources each term says its place, the option its name."""
    made = step(weight_decay=0.5, penalties=(penalty(PenaltyForm.L2, 0.25, row=20),))
    assert line(made, sources=True) == "w ← w − 0.1·(∇L_data + 0.5·w [train.py:20] + 0.5·w [weight_decay])"


def test_changed_gradients() -> None:
    """Clipping acts on data and penalty, not on the optimizer's decay."""
    made = step(weight_decay=1.0, penalties=(penalty(PenaltyForm.L2, 0.5),))
    scaled = replace(made, facts={"gradient": {1: GradientChange(0.25), 2: GradientChange(0.25)}})
    assert line(scaled) == "w ← w − 0.1·(0.25·(∇L_data + 1·w) + 1·w)"
    clamped = replace(step(), facts={"gradient": {1: GradientChange(clamp=5.0), 2: GradientChange(clamp=5.0)}})
    assert line(clamped) == "w ← w − 0.1·(clamp(∇L_data, ±5))"
    edit = Term("l2_penalty", Number(1.0, "measured"), "all", "edit of .grad")
    edited = replace(step(), facts={"gradient": {1: GradientChange(added=(edit,)), 2: GradientChange(added=(edit,))}})
    assert line(edited, sources=True) == "w ← w − 0.1·(∇L_data + 1·w [edit of .grad])"


def test_parameters_with_different_terms_get_different_formulas() -> None:
    """A penalty over the weight alone splits the group, the richer formula first."""
    made = step(penalties=(penalty(PenaltyForm.L2, 0.5, ParamSet("model.weight", members=(WEIGHT,))),))
    first, second = formulas(made, made.optimizer.groups[0])
    assert (first.parameters, first.text()) == (("weight",), "w ← w − 0.1·(∇L_data + 1·w)")
    assert (second.parameters, second.text()) == (("bias",), "w ← w − 0.1·(∇L_data)")


def test_unknowns_are_named_with_their_reason() -> None:
    """No number is invented: the symbol stands in the formula, the reason below it."""
    made = step(lr=None, weight_decay=0.1, penalties=(penalty(PenaltyForm.L2, None),))
    text = render(made)
    assert "w ← w − η·(∇L_data + c·w + 0.1·w)" in text
    assert "not known: set at run time" in text
    assert "weight_decay in train.py" in text


def test_json() -> None:
    """The documented keys, kinds and sources."""
    made = to_json(step(weight_decay=1.0, penalties=(penalty(PenaltyForm.L2, 1.0),)))
    assert made["path"] == "src/train.py" and made["row"] == 9 and made["optimizer"] == "torch.optim.SGD"
    (group,) = made["groups"]
    assert group["parameters"] == ["weight", "bias"]
    assert group["options"]["lr"] == {"value": 0.1, "source": "lr in train.py"}
    assert [(term["kind"], term["coefficient"]) for term in group["terms"]] == [("data", 1.0), ("l2_penalty", 2.0), ("coupled_decay", 1.0)]
    assert made["text"] == "w ← w − 0.1·(∇L_data + 2·w + 1·w)"


def test_unresolved_groups() -> None:
    """A group whose parameters are not known keeps its label and every penalty that may reach it."""
    some = ParamSet("net.parameters()", frozenset({7}))
    made = step(params=some, weight_decay=1.0, penalties=(penalty(PenaltyForm.L2, 0.5),))
    assert to_json(made)["groups"][0]["parameters"] == ["net.parameters()"]
    assert line(made) == "w ← w − 0.1·(∇L_data + 1·w + 1·w)"
