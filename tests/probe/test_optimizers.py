"""The laboratory on every optimizer of torch.optim and on optimizers it has never seen, and its referee: free-running steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import optim

from reglint.probe.laboratory import Law, measure


def law(kind: Any, dimensions: int = 2, **options: Any) -> Law:
    """The measured law of an optimizer with these options."""
    weight = torch.nn.Parameter(torch.ones(3, 3) if dimensions == 2 else torch.ones(3))
    optimizer = kind([weight], **options)
    return measure(optimizer, optimizer.param_groups[0], dimensions)


WD = {"weight_decay": 0.03}
TORCH: list[tuple[Any, dict[str, Any], str, float]] = [
    (optim.SGD, {**WD, "lr": 0.1}, "linear", 0.03),
    (optim.SGD, {**WD, "lr": 0.1, "maximize": True}, "linear", 0.03),
    (optim.SGD, {**WD, "lr": 0.1, "momentum": 0.9}, "coupled", 0.03),
    (optim.SGD, {**WD, "lr": 0.1, "momentum": 0.9, "nesterov": True}, "coupled", 0.03),
    (optim.SGD, {**WD, "lr": 0.1, "momentum": 0.9, "dampening": 0.5}, "coupled", 0.03),
    (optim.SGD, {"lr": 0.1}, "none", 0.0),
    (optim.SGD, {**WD, "lr": 0.0}, "linear", 0.03),
    (optim.SGD, {**WD, "lr": torch.tensor(0.1)}, "linear", 0.03),
    (optim.Adam, WD, "coupled", 0.03),
    (optim.Adam, {**WD, "amsgrad": True}, "coupled", 0.03),
    (optim.Adam, {**WD, "maximize": True}, "coupled", 0.03),
    (optim.Adam, {**WD, "decoupled_weight_decay": True}, "decoupled", 0.03),
    (optim.Adam, {"weight_decay": 1e-8}, "coupled", 1e-8),
    (optim.AdamW, WD, "decoupled", 0.03),
    (optim.AdamW, {}, "decoupled", 0.01),
    (optim.AdamW, {**WD, "amsgrad": True}, "decoupled", 0.03),
    (optim.AdamW, {**WD, "lr": 0.0}, "decoupled", 0.03),
    (optim.AdamW, {**WD, "foreach": True}, "decoupled", 0.03),
    (optim.AdamW, {**WD, "fused": True}, "decoupled", 0.03),
    (optim.AdamW, {"weight_decay": 0.0}, "none", 0.0),
    (optim.AdamW, {"lr": 1e-5, "weight_decay": 1e-2}, "decoupled", 1e-2),
    (optim.NAdam, WD, "coupled", 0.03),
    (optim.NAdam, {**WD, "decoupled_weight_decay": True}, "decoupled", 0.03),
    (optim.RAdam, WD, "coupled", 0.03),
    (optim.RAdam, {**WD, "decoupled_weight_decay": True}, "decoupled", 0.03),
    (optim.Adamax, WD, "coupled", 0.03),
    (optim.Adadelta, WD, "coupled", 0.03),
    (optim.Adagrad, WD, "coupled", 0.03),
    (optim.RMSprop, WD, "coupled", 0.03),
    (optim.RMSprop, {**WD, "centered": True, "momentum": 0.9}, "coupled", 0.03),
    (optim.Rprop, {}, "none", 0.0),
    (optim.ASGD, WD, "linear", 0.0301),  # weight_decay and lambd = 1e-4
    (optim.ASGD, {}, "linear", 1e-4),
    (optim.Adafactor, WD, "decoupled", 0.03),
    (optim.Adafactor, {}, "none", 0.0),
    (optim.SparseAdam, {}, "none", 0.0),
    (optim.LBFGS, {}, "none", 0.0),
]


@pytest.mark.parametrize(("kind", "options", "expected", "strength"), TORCH, ids=lambda v: getattr(v, "__name__", str(v)))
@pytest.mark.parametrize("dimensions", [1, 2])
def test_torch_optimizers(kind: Any, options: dict[str, Any], expected: str, strength: float, dimensions: int) -> None:
    """Kind of decay and λ, for matrices and vectors."""
    found = law(kind, dimensions, **options)
    assert (found.kind, found.decay) == (expected, pytest.approx(strength, rel=1e-7))


def test_muon_decays_matrices() -> None:
    """Muon takes matrices only; its default λ is 0.1."""
    assert (law(optim.Muon).kind, law(optim.Muon).decay) == ("decoupled", pytest.approx(0.1, rel=1e-7))
    assert law(optim.Muon, weight_decay=0.03).decay == pytest.approx(0.03, rel=1e-7)


class Own(optim.Optimizer):
    """A stateless optimizer whose update is given as a function of weight, gradient and options."""

    def __init__(self, params: Any, update: Callable[..., Any], **options: Any) -> None:
        self.update = update
        super().__init__(params, {"lr": 0.1, **options})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Apply the update to each parameter."""
        for group in self.param_groups:
            for p in group["params"]:
                p.copy_(self.update(p, p.grad, group))


def _lamb(w: Any, g: Any, o: Any) -> Any:
    step = g.sign() + o["weight_decay"] * w
    return w - o["lr"] * step * w.norm() / step.norm()


STRANGERS: list[tuple[str, Callable[..., Any], dict[str, Any], str, float | None]] = [
    ("hidden coupled", lambda w, g, o: w - o["lr"] * (g + 3e-4 * w) / (1.0 + (g + 3e-4 * w).abs()), {}, "coupled", 3e-4),
    ("option named l2", lambda w, g, o: w - o["lr"] * (g + o["l2"] * w).sign(), {"l2": 0.03}, "coupled", 0.03),
    ("lion", lambda w, g, o: w * (1 - o["lr"] * o["weight_decay"]) - o["lr"] * g.sign(), WD, "decoupled", 0.03),
    ("sign after coupling", lambda w, g, o: w - o["lr"] * (g + o["weight_decay"] * w).sign(), WD, "coupled", 0.03),
    ("proximal l1", lambda w, g, o: w - o["lr"] * g - o["lr"] * 0.01 * w.sign(), {}, "l1", 0.01),
    ("lamb", _lamb, WD, "normalised", None),
    (
        "divided by a batch of 32",
        lambda w, g, o: w * (1 - o["lr"] * o["weight_decay"] / 32) - o["lr"] * g.sign(),
        WD,
        "decoupled",
        0.0009375,
    ),
    ("option without effect", lambda w, g, o: w - o["lr"] * g, WD, "none", 0.0),
    ("noisy", lambda w, g, o: w - o["lr"] * (g + o["weight_decay"] * w) + 1e-3 * torch.randn_like(w), WD, "linear", 0.03),
    ("clipped inside", lambda w, g, o: w - o["lr"] * (g + o["weight_decay"] * w).clamp(-0.5, 0.5), WD, "coupled", 0.03),
]


@pytest.mark.parametrize(
    ("update", "options", "expected", "strength"), [case[1:] for case in STRANGERS], ids=[case[0] for case in STRANGERS]
)
def test_strangers(update: Callable[..., Any], options: dict[str, Any], expected: str, strength: float | None) -> None:
    """Optimizers known by behaviour only."""
    found = law(Own, update=update, **options)
    assert found.kind == expected
    assert found.decay == (None if strength is None else pytest.approx(strength, rel=1e-6))


def test_matrices_only() -> None:
    """A hidden decay of matrices: the laboratory looks at each number of dimensions."""

    def update(w: Any, g: Any, o: Any) -> Any:
        return w * (1 - (o["lr"] * 0.01 if w.dim() > 1 else 0.0)) - o["lr"] * g.sign()

    assert law(Own, 2, update=update).decay == pytest.approx(0.01, rel=1e-6)
    assert law(Own, 1, update=update).kind == "none"


class SAM(optim.Optimizer):
    """Sharpness-aware minimisation around a base optimizer that shares its groups."""

    def __init__(self, params: Any, base: Any, **options: Any) -> None:
        super().__init__(params, options)
        self.base_optimizer = base(self.param_groups, **options)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Climb, evaluate there, come back, step."""
        saved = []
        for group in self.param_groups:
            for p in group["params"]:
                saved.append((p, p.clone()))
                p.add_(p.grad, alpha=0.05 / (float(p.grad.norm()) + 1e-12))
        if closure is not None:
            with torch.enable_grad():
                closure()
        for p, w in saved:
            p.copy_(w)
        self.base_optimizer.step()


def test_nested() -> None:
    """The option is switched off in the shared groups, or it would act on."""
    found = law(SAM, base=optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.03)
    assert (found.kind, found.decay) == ("coupled", 0.03)


def test_scheduler_does_not_train_the_model() -> None:
    """LR schedulers bind `step` on the instance to the original optimizer: the laboratory must not call that."""
    weight = torch.nn.Parameter(torch.ones(3, 3))
    optimizer = optim.AdamW([weight], weight_decay=0.03)
    optim.lr_scheduler.StepLR(optimizer, 1)
    weight.grad = torch.ones(3, 3)
    assert measure(optimizer, optimizer.param_groups[0], 2).decay == pytest.approx(0.03, rel=1e-7)
    assert bool((weight == 1.0).all()) and not optimizer.state


COUPLED = [case for case in TORCH if case[2] == "coupled"]


@pytest.mark.parametrize(("kind", "options", "expected", "strength"), COUPLED, ids=lambda v: getattr(v, "__name__", str(v)))
def test_referee(kind: Any, options: dict[str, Any], expected: str, strength: float) -> None:
    """Ten free-running real steps: where the laboratory says coupled, adding λw to the gradient by hand is the same run."""
    assert law(kind, **options).kind == expected
    sign = -1.0 if options.get("maximize") else 1.0
    runs = []
    for by_hand in (False, True):
        weight = torch.nn.Parameter(torch.linspace(-2.0, 3.0, 12, dtype=torch.float64).reshape(3, 4))
        optimizer = kind([weight], **{**options, "weight_decay": 0.0 if by_hand else strength})
        for step in range(10):
            weight.grad = torch.cos(weight.detach() * (step + 1))
            if by_hand:
                weight.grad += sign * strength * weight.detach()
            optimizer.step()
        runs.append(weight.detach().clone())
    assert torch.allclose(*runs, rtol=1e-9, atol=1e-12)


def test_random_streams_are_left_alone() -> None:
    """A noisy optimizer in the laboratory does not use up the program's random numbers."""
    torch.manual_seed(3)
    before = torch.get_rng_state()
    law(Own, update=STRANGERS[8][1], **WD)
    assert torch.equal(torch.get_rng_state(), before)
