"""What unmodified public training scripts once got wrong results for, as small programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam

from reglint.probe.lines import gives
from reglint.probe.report import explained

from .programs import Net, batch, ce, observe, train


def test_two_terms_of_one_pass() -> None:
    """`-mean(log a + log(1 - b))`, as GANs have it, is one backward pass of two terms: nothing accumulates."""

    def program() -> None:
        model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
        optimizer = Adam(model.parameters(), lr=1e-4)
        for _ in range(2):
            loss = -torch.mean(torch.log(model(torch.randn(6, 4))) + torch.log(1.0 - model(torch.randn(6, 4))))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    report = observe(program)
    data = report.steps[0].fact.data
    assert [(term.text, term.backwards, term.terms) for term in data] == [("-mean", 1, 2)]
    assert not report.has("RGL208")


def test_place_of_a_data_term() -> None:
    """A term without a scalar of its own stands where it was reduced, not where the loss is back-propagated."""

    def program() -> None:
        model = nn.Linear(4, 3)
        optimizer = SGD(model.parameters(), lr=0.1)
        spread = 0.5 * torch.sum(model(torch.randn(6, 4)).exp())
        loss = F.mse_loss(model(torch.randn(6, 4)), torch.randn(6, 3)) + spread
        loss.backward()
        optimizer.step()

    rows = {term.operation: term.spot.row for term in observe(program).steps[0].fact.data if term.spot}
    first = program.__code__.co_firstlineno
    assert rows == {"Exp": first + 3, "MseLoss": first + 4}


class Scaled(Net):
    """All scales of the norm layer are 0.5, as some networks begin."""

    def __init__(self) -> None:
        super().__init__(batch_norm=True)
        nn.init.constant_(self.norm.weight, 0.5)


def sparse(pull: Any) -> Any:
    """An edit of the gradients of norm layers before the step (network slimming)."""

    def edit(model: Any) -> None:
        model.norm.weight.grad.add_(pull(model.norm.weight.detach()))

    return edit


@pytest.mark.parametrize(
    ("pull", "text"), [(lambda w: 1e-3 * w.sign(), "0.001·sign(w) [edit of .grad]"), (lambda w: 2e-3 * w, "0.002·w [edit of .grad]")]
)
def test_equal_weights_take_a_second_step(pull: Any, text: str) -> None:
    """At |w| = 0.5 everywhere, 0.001·sign(w) and 0.002·w are one edit; the second step tells them apart."""

    def program() -> None:
        model = Scaled()
        train(model, SGD(model.parameters(), lr=0.1), ce, before_step=sparse(pull))

    report = observe(program)
    assert report.formula("norm.weight") == f"w ← w − 0.1·(∇L_data + {text})"
    assert explained(report.steps[0]) == "explained"


def test_equal_weights_in_one_step_are_left_open() -> None:
    """With one step both stay possible, and both are said."""

    def program() -> None:
        model = Scaled()
        train(model, SGD(model.parameters(), lr=0.1), ce, steps=1, before_step=sparse(lambda w: 1e-3 * w.sign()))

    report = observe(program)
    assert explained(report.steps[0]) == "inconclusive"
    assert "the edit of .grad may add 0.001·sign(w) or 0.002·w: all |w| of a parameter are equal" in report.steps[0].remarks


def test_one_element_over_two_steps() -> None:
    """A single weight: the pull along w stays the same while w moves."""

    def program() -> None:
        w = torch.ones(1, requires_grad=True)
        b = torch.ones(1, requires_grad=True)
        optimizer = SGD([w, b], lr=0.1)
        x, y = torch.tensor([2.0, 4.0]), torch.tensor([7.0, 11.0])
        for _ in range(2):
            optimizer.zero_grad()
            ((w * x + b - y) ** 2).mean().backward()
            for p in (w, b):
                p.grad.add_(p.detach())
            optimizer.step()

    report = observe(program)
    assert report.formula("w") == "w ← w − 0.1·(∇L_data + 1·w [edit of .grad])"
    assert explained(report.steps[0]) == "explained"


def test_a_group_before_its_optimizer(tmp_path: Path) -> None:
    """The reader speaks of the group's dict, the probe of the optimizer that is given it."""
    file = tmp_path / "train.py"
    file.write_text("import torch\ngroups = [\n    {'params': p},\n]\nlr = 0.1\nopt = SGD(groups)\n")
    assert gives(str(file), 3, 6) and not gives(str(file), 5, 6) and not gives(str(file), 6, 3)
    assert not gives(str(tmp_path / "missing.py"), 1, 2)


class Once(torch.autograd.Function):
    """Σw² or ‖w‖ as a custom function that has no second derivative."""

    @staticmethod
    def forward(ctx: Any, w: torch.Tensor, power: int) -> torch.Tensor:
        """‖w‖ to the power of 1 or 2."""
        ctx.save_for_backward(w)
        ctx.power = power
        return w.norm() ** power

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> Any:
        """2w or w/‖w‖."""
        (w,) = ctx.saved_tensors
        return grad * (2.0 * w if ctx.power == 2 else w / w.norm()), None


def penalised(penalty: Any, size: int = 4) -> Any:
    """The measured penalties of one linear layer without bias."""

    def program() -> None:
        model = nn.Linear(size, 3, bias=False)
        optimizer = SGD(model.parameters(), lr=0.1)
        y = batch()[1]
        for _ in range(2):
            optimizer.zero_grad()
            (F.cross_entropy(model(torch.randn(6, size)), y) + penalty(model.weight)).backward()
            optimizer.step()

    return observe(program).trace.steps[0].penalties


@pytest.mark.parametrize(("power", "form", "coefficient"), [(2, "l2", 0.02), (1, "norm", 0.01)])
def test_degree_where_there_is_no_curvature(power: int, form: str, coefficient: float) -> None:
    """w·g/value is 2 for Σw² and 1 for ‖w‖, though both gradients are along w."""
    (found,) = penalised(lambda w: 0.01 * Once.apply(w, power))
    assert (found.form, found.coefficient) == (form, pytest.approx(coefficient, rel=1e-4))


@pytest.mark.parametrize("size", [100, 10_000, 300_000])
def test_norms_of_large_parameters(size: int) -> None:
    """In many dimensions a direction that is not along w sees the same curvature from λ‖w‖ and from an L2 penalty."""
    (found,) = penalised(lambda w: 0.01 * w.norm(), size)
    assert (found.form, found.coefficient) == ("norm", pytest.approx(0.01, rel=1e-3))
    (found,) = penalised(lambda w: 0.01 * w.pow(2).sum(), size)
    assert (found.form, found.coefficient) == ("l2", pytest.approx(0.02, rel=1e-4))
