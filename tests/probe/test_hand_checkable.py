"""Thirty programs of one step on Linear(1, 1), w = b = 1, x = (2, 4), y = (7, 11): the numbers can be checked by hand.

The gradient of the mean squared error is (-32, -10).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop

from reglint.probe import ProbeReport, watch

Program = Callable[[Any, Any, Any], None]
X, Y = torch.tensor([[2.0], [4.0]]), torch.tensor([[7.0], [11.0]])


def observe(program: Program) -> tuple[float, float, ProbeReport]:
    """Run a program on a fresh model and return its weight, its bias and what the probe saw."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    nn.init.ones_(model.bias)
    with watch() as seen:
        program(model, X, Y)
    assert seen.report is not None and seen.report.trace.failures == ()
    return model.weight.item(), model.bias.item(), seen.report


def plain(kind: Any = SGD, *, penalty: Any = None, reduction: str = "mean", again: int = 1, **options: Any) -> Program:
    """One step of an optimizer on the loss plus a penalty."""

    def program(model: Any, x: Any, y: Any) -> None:
        optimizer = kind(model.parameters(), **{"lr": 0.1, **options})
        loss = mse_loss(model(x), y, reduction=reduction) / again
        if penalty is not None:
            loss = loss + penalty(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return program


def edited(edit: Any, *, penalty: Any = None, after: Any = None, **options: Any) -> Program:
    """One step of SGD whose gradients are edited between backward and step."""

    def program(model: Any, x: Any, y: Any) -> None:
        optimizer = SGD(model.parameters(), **{"lr": 0.1, **options})
        loss = mse_loss(model(x), y)
        if penalty is not None:
            loss = loss + penalty(model)
        optimizer.zero_grad()
        loss.backward()
        edit(model)
        optimizer.step()
        if after is not None:
            after(model)

    return program


def squares(strength: float) -> Any:
    """strength·Σw² over all parameters."""
    return lambda model: strength * sum((p**2).sum() for p in model.parameters())


def two_groups(model: Any, x: Any, y: Any) -> None:
    """A03: the weight decayed, the bias not."""
    optimizer = SGD([{"params": [model.weight], "weight_decay": 1.0}, {"params": [model.bias]}], lr=0.1)
    mse_loss(model(x), y).backward()
    optimizer.step()


def sum_and_penalty_divided(model: Any, x: Any, y: Any) -> None:
    """A11: (sum + ½λΣw²)/m with λ = 1, m = 2."""
    optimizer = SGD(model.parameters(), lr=0.1)
    loss = (mse_loss(model(x), y, reduction="sum") + 0.5 * 1.0 * sum((p**2).sum() for p in model.parameters())) / len(x)
    loss.backward()
    optimizer.step()


def accumulated(divisor: int) -> Program:
    """A18, A19: two backward passes."""

    def program(model: Any, x: Any, y: Any) -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            (mse_loss(model(x), y) / divisor).backward()
        optimizer.step()

    return program


def bias_only(model: Any, x: Any, y: Any) -> None:
    """A26: the optimizer does not know the weight."""
    optimizer = SGD([model.bias], lr=0.1)
    mse_loss(model(x), y).backward()
    optimizer.step()


def scaled(model: Any, x: Any, y: Any) -> None:
    """A28: a GradScaler of 1024 with unscale_."""
    optimizer = SGD(model.parameters(), lr=0.1, weight_decay=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    scaler.scale(mse_loss(model(x), y)).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()


def clip_norm(model: Any) -> None:
    """Clip the norm of all gradients to 1."""
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)


def clip_value(model: Any) -> None:
    """Clip each element to ±5."""
    nn.utils.clip_grad_value_(model.parameters(), 5.0)


def add_weights(model: Any) -> None:
    """p.grad += p."""
    for p in model.parameters():
        p.grad += 1.0 * p.detach()


def shrink(model: Any) -> None:
    """p *= 0.9."""
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(0.9)


CASES: dict[str, tuple[Program, float, float, str]] = {
    "A01": (plain(), 4.2, 2, "w ← w − 0.1·(∇L_data)"),
    "A02": (plain(weight_decay=1.0), 4.1, 1.9, "w ← w − 0.1·(∇L_data + 1·w [weight_decay])"),
    "A03": (two_groups, 4.1, 2, "w ← w − 0.1·(∇L_data + 1·w [weight_decay])"),
    "A04": (plain(penalty=lambda m: 0.5 * 1.0 * (m.weight**2).sum()), 4.1, 2, "w ← w − 0.1·(∇L_data + 1·w [HERE])"),
    "A05": (plain(penalty=squares(1.0)), 4, 1.8, "w ← w − 0.1·(∇L_data + 2·w [HERE])"),
    "A06": (plain(penalty=lambda m: sum(p.abs().sum() for p in m.parameters())), 4.1, 1.9, "w ← w − 0.1·(∇L_data + 1·sign(w) [HERE])"),
    "A07": (plain(penalty=lambda m: sum(p.norm() for p in m.parameters())), 4.1, 1.9, "w ← w − 0.1·(∇L_data + 1·sign(w) [HERE])"),
    "A08": (
        plain(penalty=squares(0.25), weight_decay=0.5),
        4.1,
        1.9,
        "w ← w − 0.1·(∇L_data + 0.5·w [HERE] + 0.5·w [weight_decay])",
    ),
    "A09": (plain(reduction="sum"), 7.4, 3, "w ← w − 0.1·(∇L_data)"),
    "A10": (plain(again=2), 2.6, 1.5, "w ← w − 0.1·(∇L_data)"),
    "A11": (sum_and_penalty_divided, 4.15, 1.95, "w ← w − 0.1·(∇L_data + 0.5·w [HERE])"),
    "A12": (plain(AdamW, weight_decay=1.0), 1, 1, "w ← 0.9·w − AdamW[lr=0.1](∇L_data)"),
    "A13": (plain(Adam, weight_decay=1.0), 1.1, 1.1, "w ← w − Adam[lr=0.1](∇L_data + 1·w [weight_decay])"),
    "A14": (
        plain(momentum=0.9, nesterov=True, weight_decay=1.0),
        6.89,
        2.71,
        "w ← w − SGD(momentum 0.9)[lr=0.1](∇L_data + 1·w [weight_decay])",
    ),
    "A15": (edited(clip_norm, weight_decay=1.0), 0.995448, 0.9298275, "w ← w − 0.1·(0.0298275·∇L_data + 1·w [weight_decay])"),
    "A16": (edited(clip_norm, penalty=squares(0.5)), 1.096035, 1.027881, "w ← w − 0.1·(0.0309789·(∇L_data + 1·w [HERE]))"),
    "A17": (edited(clip_value), 1.5, 1.5, "w ← w − 0.1·(clamp(∇L_data, ±5))"),
    "A18": (accumulated(2), 4.2, 2, "w ← w − 0.1·(∇L_data)"),
    "A19": (accumulated(1), 7.4, 3, "w ← w − 0.1·(∇L_data)"),
    "A20": (plain(weight_decay=25.0), 1.7, -0.5, "w ← w − 0.1·(∇L_data + 25·w [weight_decay])"),
    "A21": (plain(weight_decay=10.0), 3.2, 1, "w ← w − 0.1·(∇L_data + 10·w [weight_decay])"),
    "A22": (plain(weight_decay=1.0, maximize=True), -2.3, -0.1, "w ← w + 0.1·(∇L_data − 1·w [weight_decay])"),
    "A23": (edited(add_weights), 4.1, 1.9, "w ← w − 0.1·(∇L_data + 1·w [edit of .grad])"),
    "A24": (edited(lambda model: None, after=shrink), 3.78, 1.8, "w ← w − 0.1·(∇L_data)"),
    "A25": (plain(AdamW, lr=1.0, weight_decay=3.0), -1, -1, "w ← -2·w − AdamW[lr=1](∇L_data)"),
    "A26": (bias_only, 1, 2, "w ← w − 0.1·(∇L_data)"),
    "A27": (plain(penalty=lambda m: 0.5 * sum((p.data**2).sum() for p in m.parameters())), 4.2, 2, "w ← w − 0.1·(∇L_data)"),
    "A28": (scaled, 4.1, 1.9, "w ← w − 0.1·(∇L_data + 1·w [weight_decay])"),
    "A29": (plain(RMSprop, weight_decay=1.0), 2, 2, "w ← w − RMSprop[lr=0.1](∇L_data + 1·w [weight_decay])"),
    "A30": (plain(Adagrad, weight_decay=1.0), 1.1, 1.1, "w ← w − Adagrad[lr=0.1](∇L_data + 1·w [weight_decay])"),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_and_formula(name: str) -> None:
    """Weight and bias after the step, and the formula of the weight (of the bias where the weight is not updated)."""
    program, weight, bias, formula = CASES[name]
    w, b, report = observe(program)
    assert (w, b) == pytest.approx((weight, bias), abs=2e-6)
    shown = report.formula("bias" if name == "A26" else "weight")
    assert re.sub(r"test_hand_checkable\.py:\d+", "HERE", shown) == formula
    (step,) = report.steps
    assert step.gap is not None and step.gap < 1.0


def test_bias_where_it_differs() -> None:
    """A03 and A04 leave the bias alone."""
    for name in ("A03", "A04"):
        report = observe(CASES[name][0])[2]
        assert report.formula("bias") == "w ← w − 0.1·(∇L_data)"
        assert (report.decay("weight"), report.decay("bias")) == (1.0, 0.0)


def test_what_else_is_seen() -> None:
    """Reductions, parameters that nobody updates, and weights that change outside of the optimizer."""
    remarks = {name: " ".join(observe(CASES[name][0])[2].steps[0].remarks) for name in ("A09", "A10", "A18", "A24")}
    assert ": sum" in remarks["A09"]
    assert "averaged twice" in remarks["A10"]
    assert "mean / 2, 2 backward passes" in remarks["A18"]
    assert "multiplied by 0.9 outside of the optimizer" in remarks["A24"]
    assert observe(CASES["A19"][0])[2].has("RGL208") and not observe(CASES["A18"][0])[2].has("RGL208")
    assert observe(CASES["A26"][0])[2].has("RGL503")
