"""Penalties taken out of the loss: which addends are parameter-only, what form they have, with which coefficient.

Every program adds something to a cross entropy on a small network; the truth is known by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from reglint.probe import watch
from reglint.probe.facts import PenaltyFact


class Net(nn.Module):
    """Two layers, three classes."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        """Logits, shape (N, 3)."""
        return self.two(self.one(x).relu())


Loss = Callable[[Net, Any, Any], Any]


def penalties(loss: Loss, model: nn.Module | None = None, context: Any = None) -> tuple[PenaltyFact, ...]:
    """What the probe finds in one backward pass of a loss of (model, x, y)."""
    torch.manual_seed(0)
    net = model or Net()
    x, y = torch.randn(6, 4), torch.randint(0, 3, (6,))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with watch(net, optimizer) as seen:
        made = loss(net, x, y)  # type: ignore[arg-type]
        made.backward()
        optimizer.step()
    assert seen.report is not None and seen.report.trace.failures == ()
    return seen.report.trace.steps[0].penalties


def ce(net: Any, x: Any, y: Any) -> Any:
    """The data term."""
    return F.cross_entropy(net(x), y)


def squares(net: Any) -> Any:
    """Σw² over all parameters."""
    return sum(p.pow(2).sum() for p in net.parameters())


def loop(start: Any) -> Loss:
    """A penalty summed up in a loop."""

    def loss(net: Any, x: Any, y: Any) -> Any:
        reg = start()
        for p in net.parameters():
            reg = reg + p.pow(2).sum()
        return ce(net, x, y) + 0.01 * reg

    return loss


def in_place(net: Any, x: Any, y: Any) -> Any:
    reg = torch.tensor(0.0)
    for p in net.parameters():
        reg += p.pow(2).sum()
    return ce(net, x, y) + 0.01 * reg


def added_to_loss(net: Any, x: Any, y: Any) -> Any:
    loss = ce(net, x, y)
    for p in net.parameters():
        loss += 0.01 * p.norm()
    return loss


def before_forward(net: Any, x: Any, y: Any) -> Any:
    reg = 0.01 * squares(net)
    return ce(net, x, y) + reg


def flat(net: Any) -> Any:
    return torch.cat([p.view(-1) for p in net.parameters()])


class Squares(torch.autograd.Function):
    """Σw² as a custom function."""

    @staticmethod
    def forward(ctx: Any, w: Any) -> Any:
        ctx.save_for_backward(w)
        return (w * w).sum()

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        (w,) = ctx.saved_tensors
        return grad * 2 * w


class Penalty(nn.Module):
    """A penalty as a module that holds the model."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.held = [net]

    def forward(self, loss: Any) -> Any:
        return loss + 0.01 * squares(self.held[0])


class Data(torch.autograd.Function):
    """A data loss as a custom function."""

    @staticmethod
    def forward(ctx: Any, out: Any, y: Any) -> Any:
        ctx.save_for_backward(out, y)
        return ((out - y) ** 2).mean()

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        out, y = ctx.saved_tensors
        return grad * 2 * (out - y) / out.numel(), None


def uncertainty(net: Any, x: Any, y: Any) -> Any:
    """exp(-s)·L + s: no penalty on the network."""
    s = net.one.bias[0]
    return torch.exp(-s) * ce(net, x, y) + 0.01 * squares(net)


def many(net: Any, x: Any, y: Any) -> Any:
    """1,500 addends: nothing here may recurse."""
    loss = ce(net, x, y)
    for _ in range(375):
        for p in net.parameters():
            loss = loss + 1e-5 * p.pow(2).sum()
    return loss


def shared(net: Any, x: Any, y: Any) -> Any:
    """The penalty is also used inside the data path."""
    reg = squares(net)
    return F.cross_entropy(net(x) * (1 + 0.1 * reg), y) + 0.01 * reg


L2: dict[str, tuple[Loss, float]] = {
    "loop from tensor": (loop(lambda: torch.tensor(0.0)), 0.02),
    "loop from python": (loop(lambda: 0.0), 0.02),
    "loop from a leaf": (loop(lambda: torch.zeros((), requires_grad=True)), 0.02),
    "in place": (in_place, 0.02),
    "generator": (lambda n, x, y: ce(n, x, y) + 0.01 * squares(n), 0.02),
    "norm squared": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.norm() ** 2 for p in n.parameters()), 0.02),
    "vector": (lambda n, x, y: ce(n, x, y) + 0.01 * nn.utils.parameters_to_vector(n.parameters()).square().sum(), 0.02),
    "einsum": (lambda n, x, y: ce(n, x, y) + 0.01 * torch.einsum("i,i->", flat(n), flat(n)), 0.02),
    "dot": (lambda n, x, y: ce(n, x, y) + 0.01 * torch.dot(flat(n), flat(n)), 0.02),
    "product": (lambda n, x, y: ce(n, x, y) + 0.01 * sum((p * p).sum() for p in n.parameters()), 0.02),
    "mse to zero": (
        lambda n, x, y: ce(n, x, y) + 0.01 * sum(F.mse_loss(p, torch.zeros_like(p), reduction="sum") for p in n.parameters()),
        0.02,
    ),
    "stack": (lambda n, x, y: ce(n, x, y) + 0.01 * torch.stack([p.pow(2).sum() for p in n.parameters()]).sum(), 0.02),
    "foreach": (
        lambda n, x, y: ce(n, x, y) + 0.01 * sum(t.sum() for t in torch._foreach_mul(list(n.parameters()), list(n.parameters()))),
        0.02,
    ),
    "divided by the batch": (lambda n, x, y: (F.cross_entropy(n(x), y, reduction="sum") + 0.01 * squares(n)) / len(x), 0.02 / 6),
    "per sample, mean": (lambda n, x, y: (F.cross_entropy(n(x), y, reduction="none") + 0.01 * squares(n)).mean(), 0.02),
    "per sample, sum": (lambda n, x, y: (F.cross_entropy(n(x), y, reduction="none") + 0.01 * squares(n)).sum(), 0.12),
    "mix": (lambda n, x, y: 0.7 * ce(n, x, y) + 0.3 * 0.01 * squares(n), 0.006),
    "lerp": (lambda n, x, y: torch.lerp(ce(n, x, y), 0.01 * squares(n), 0.3), 0.006),
    "minus a negative": (lambda n, x, y: ce(n, x, y) - (-0.01) * squares(n), 0.02),
    "before forward": (before_forward, 0.02),
    "custom function": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(Squares.apply(p) for p in n.parameters()), 0.02),
    "custom data loss": (lambda n, x, y: Data.apply(n(x), F.one_hot(y, 3).float()) + 0.01 * squares(n), 0.02),
    "module": (lambda n, x, y: Penalty(n)(ce(n, x, y)), 0.02),
    "checkpoint": (lambda n, x, y: F.cross_entropy(checkpoint(n, x, use_reentrant=False), y) + 0.01 * squares(n), 0.02),
    "functional call": (
        lambda n, x, y: F.cross_entropy(torch.func.functional_call(n, dict(n.named_parameters()), (x,)), y) + 0.01 * squares(n),
        0.02,
    ),
    "masked mean": (lambda n, x, y: (F.cross_entropy(n(x), y, reduction="none").sum() + 0.01 * squares(n)) / (y >= 0).sum(), 0.02 / 6),
    "uncertainty": (uncertainty, 0.02),
    "1,500 addends": (many, 0.0075),
    "shared with the data path": (shared, 0.02),
    "bf16 autocast": (lambda n, x, y: _autocast(n, x, y) + 0.01 * squares(n), 0.02),
    "scalar output": (lambda n, x, y: n(x).mean() + 0.01 * squares(n), 0.02),
    "two modules called": (lambda n, x, y: F.cross_entropy(n.two(n.one(x).relu()), y) + 0.01 * squares(n), 0.02),
}


def _autocast(net: Any, x: Any, y: Any) -> Any:
    with torch.autocast("cpu", torch.bfloat16):
        return F.cross_entropy(net(x), y)


@pytest.mark.parametrize("name", L2)
def test_l2(name: str) -> None:
    """c·Σw² over all parameters has the coefficient 2c on each of them."""
    loss, coefficient = L2[name]
    found = penalties(loss)
    assert {f.form for f in found} == {"l2"}
    totals: dict[str, float] = {}
    for fact in found:
        for parameter in fact.over:
            totals[parameter] = totals.get(parameter, 0.0) + (fact.coefficient or 0.0)
    assert totals == pytest.approx(dict.fromkeys(("one.weight", "one.bias", "two.weight", "two.bias"), coefficient), rel=1e-4)


def weight(net: Any) -> Any:
    return net.one.weight


FORMS: dict[str, tuple[Loss, list[tuple[str, str, float | None]]]] = {
    "unsquared norms": (added_to_loss, [("norm", "", 0.01)]),
    "linalg norm": (lambda n, x, y: ce(n, x, y) + 0.01 * torch.linalg.norm(weight(n)), [("norm", "", 0.01)]),
    "foreach norm": (
        lambda n, x, y: ce(n, x, y) + 0.01 * torch.stack(torch._foreach_norm(list(n.parameters()))).sum(),
        [("norm", "", 0.01)],
    ),
    "joint norm": (
        lambda n, x, y: ce(n, x, y) + 0.01 * nn.utils.parameters_to_vector(n.parameters()).norm(),
        [("norm", "joint norm", 0.01)],
    ),
    "l1": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.abs().sum() for p in n.parameters()), [("l1", "", 0.01)]),
    "l1 as norm": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.norm(1) for p in n.parameters()), [("l1", "", 0.01)]),
    "elastic": (
        lambda n, x, y: ce(n, x, y) + 0.01 * weight(n).abs().sum() + 0.03 * weight(n).pow(2).sum(),
        [("l1", "", 0.01), ("l2", "", 0.06)],
    ),
    "orthogonal": (
        lambda n, x, y: ce(n, x, y) + 0.01 * (weight(n).T @ weight(n) - torch.eye(4)).pow(2).sum(),
        [("other", "penalty", None)],
    ),
    "row norms": (lambda n, x, y: ce(n, x, y) + 0.01 * weight(n).norm(dim=1).sum(), [("other", "penalty", None)]),
    "towards a reference": (
        lambda n, x, y: ce(n, x, y) + 0.01 * (weight(n) - weight(n).detach() - 0.1).pow(2).sum(),
        [("other", "l2 around a reference", None)],
    ),
    "weighted": (
        lambda n, x, y: ce(n, x, y) + (torch.arange(1.0, 33.0).view(8, 4) * weight(n).pow(2)).sum(),
        [("other", "weighted l2", None)],
    ),
    "part of a matrix": (lambda n, x, y: ce(n, x, y) + 0.01 * weight(n)[:4].pow(2).sum(), [("other", "l2 on part of the elements", None)]),
    "detached": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.detach().pow(2).sum() for p in n.parameters()), []),
    "data attribute": (lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.data.pow(2).sum() for p in n.parameters()), []),
    "switched off": (lambda n, x, y: ce(n, x, y) + 0.0 * squares(n), []),
    "activations": (lambda n, x, y: ce(n, x, y) + 0.01 * n.one(x).abs().sum(), []),
    "no penalty": (ce, []),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    """Form, description and coefficient of each penalty, or none at all."""
    loss, expected = FORMS[name]
    found = penalties(loss)
    assert [(f.form, f.description) for f in found] == [(form, description) for form, description, _ in expected]
    for fact, (_, _, coefficient) in zip(found, expected, strict=True):
        assert fact.coefficient == (None if coefficient is None else pytest.approx(coefficient, rel=1e-4))


def test_rows_of_the_batch_are_data() -> None:
    """A penalty on the embedding rows that the batch picked depends on data: it is no weight decay."""
    model = nn.Embedding(10, 3)

    def loss(net: Any, x: Any, y: Any) -> Any:
        rows = net(y)
        return rows.sum(1).sigmoid().mean() + 0.01 * rows.pow(2).sum()

    assert penalties(loss, model) == ()


def test_tied_weights_count_twice() -> None:
    """A penalty that sums a tied weight twice is twice as strong on it."""
    net = Net()
    found = penalties(lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.pow(2).sum() for p in [n.one.weight, n.one.weight]), net)
    assert [(f.over, f.coefficient) for f in found] == [(("one.weight",), pytest.approx(0.04, rel=1e-5))]


def test_fresh_bias() -> None:
    """A bias of zeros has a penalty gradient of zero; its curvature shows the penalty all the same."""
    net = Net()
    nn.init.zeros_(net.one.bias)
    (fact,) = penalties(lambda n, x, y: ce(n, x, y) + 0.01 * squares(n), net)
    assert "one.bias" in fact.over and fact.coefficient == pytest.approx(0.02, rel=1e-5)


def test_mean_of_squares_differs_by_size() -> None:
    """p.pow(2).mean() pulls small tensors harder."""
    found = penalties(lambda n, x, y: ce(n, x, y) + 0.01 * sum(p.pow(2).mean() for p in n.parameters()))
    strengths = {name: fact.coefficient for fact in found for name in fact.over}
    assert strengths == pytest.approx(
        {"one.weight": 0.02 / 32, "one.bias": 0.02 / 8, "two.weight": 0.02 / 24, "two.bias": 0.02 / 3}, rel=1e-4
    )


@pytest.mark.parametrize("data", ["tensor", "randn"])
def test_without_modules(data: str) -> None:
    """Bare tensors: the addend that mixes in constants is the data term, the other one the penalty."""
    torch.manual_seed(0)
    x = torch.tensor([[1.0, 2.0], [3.0, 5.0]]) if data == "tensor" else torch.randn(2, 2)
    y = torch.tensor([[1.0], [2.0]]) if data == "tensor" else torch.randn(2, 1)
    w = torch.randn(2, 1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    with watch(optimizer) as seen:
        x, y = x + 0.0, y + 0.0
        loss = ((x @ w - y) ** 2).mean() + 0.01 * (w**2).sum()
        loss.backward()
        optimizer.step()
    assert seen.report is not None
    (fact,) = seen.report.trace.steps[0].penalties
    assert (fact.form, fact.coefficient, fact.over) == ("l2", pytest.approx(0.02, rel=1e-5), ("w",))
    assert [d.text for d in seen.report.trace.steps[0].data] == ["mean"]


def test_places() -> None:
    """A penalty knows the line where it was made and the one where it was added."""

    def loss(net: Any, x: Any, y: Any) -> Any:
        reg = 0.01 * squares(net)
        main = ce(net, x, y)
        return main + reg

    (fact,) = penalties(loss)
    first = loss.__code__.co_firstlineno
    assert fact.join is not None and fact.join.row == first + 3
    assert fact.spot is not None and fact.spot.row == squares.__code__.co_firstlineno + 2
