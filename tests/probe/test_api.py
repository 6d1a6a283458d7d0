"""probe_step, watch and the pytest fixture: everything is put back, and wrong expectations are told with the measurement."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, AdamW

from reglint.probe import probe_step, watch
from reglint.probe.pytest_plugin import assert_update as assert_update  # (the fixture, wherever the plugin is not installed)

from .programs import Net, batch, ce, squares, train


def digest(model: Any, optimizer: Any) -> str:
    """Weights, buffers, gradients, modes, optimizer state and options, random streams: all in one number."""
    parts = [repr(model.state_dict()), repr([p.grad for p in model.parameters()]), repr([m.training for m in model.modules()])]
    parts += [repr(optimizer.state_dict()), repr(torch.get_rng_state().tolist()), repr(random.getstate())]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


@pytest.mark.parametrize("kind", [SGD, AdamW])
def test_probe_step_leaves_no_trace(kind: Any) -> None:
    """Also with dropout, batch norm and gradients that were there before."""
    torch.manual_seed(0)
    model = Net(0.5, batch_norm=True)
    optimizer = kind(model.parameters(), lr=0.1, weight_decay=0.02)
    train(model, optimizer, steps=1)
    holders = [p.grad for p in model.parameters()]
    data = batch()
    before = digest(model, optimizer)
    report = probe_step(model, optimizer, F.cross_entropy, data)
    assert digest(model, optimizer) == before
    assert all(p.grad is holder for p, holder in zip(model.parameters(), holders, strict=True))
    assert report.decay("one.weight") == pytest.approx(0.02)
    assert (report.trace.failures, len(report.trace.steps)) == ((), 2)


def test_probe_step_with_an_own_step() -> None:
    """A function that makes one whole training step."""
    model = Net()
    optimizer = SGD(model.parameters(), lr=0.1)
    data = batch()

    def step() -> None:
        optimizer.zero_grad()
        (ce(model, data) + 0.01 * squares(model)).backward()
        optimizer.step()

    assert probe_step(model, optimizer, None, None, step=step).decay("two.bias") == pytest.approx(0.02, rel=1e-4)  # type: ignore[arg-type]


def test_everything_is_unhooked() -> None:
    """After the block torch is as it was."""
    things = (nn.Module.__call__, nn.Module.train, torch.autograd.backward, torch.optim.Optimizer.__init__, nn.utils.clip_grad_norm_)
    model = Net()
    optimizer = SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer):
        assert torch.autograd.backward is not things[2]
        train(model, optimizer)
    now = (nn.Module.__call__, nn.Module.train, torch.autograd.backward, torch.optim.Optimizer.__init__, nn.utils.clip_grad_norm_)
    assert all(a is b for a, b in zip(things, now, strict=True))
    assert torch.overrides._get_current_function_mode() is None
    assert not optimizer._optimizer_step_pre_hooks and all(not p._backward_hooks for p in model.parameters())


def test_errors_of_the_program_pass_through() -> None:
    """An exception inside the block is the program's own; the hooks come off all the same."""
    with pytest.raises(ZeroDivisionError), watch():
        raise ZeroDivisionError
    assert torch.overrides._get_current_function_mode() is None


def test_losses_are_bit_identical() -> None:
    """A loop under watch computes what it computes without, random numbers included."""
    runs = []
    for observed in (False, True):
        torch.manual_seed(5)
        model = Net(0.3, batch_norm=True)
        optimizer = AdamW(model.parameters(), lr=0.01)
        losses = []

        def loop(model: Any = model, optimizer: Any = optimizer, losses: Any = losses) -> None:
            for _ in range(5):
                optimizer.zero_grad()
                loss = ce(model, batch()) + 1e-3 * squares(model)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())

        if observed:
            with watch(model, optimizer):
                loop()
        else:
            loop()
        runs.append((losses, [p.tolist() for p in model.parameters()], torch.rand(3).tolist()))
    assert runs[0] == runs[1]


def test_fixture_accepts(assert_update: Any) -> None:
    """Biases and norms undecayed, matrices decayed."""
    model = Net()
    free = [p for p in model.parameters() if p.dim() < 2]
    optimizer = AdamW([{"params": [p for p in model.parameters() if p.dim() > 1]}, {"params": free, "weight_decay": 0.0}], lr=0.01)
    report = assert_update(
        model,
        optimizer,
        F.cross_entropy,
        batch(),
        decay={"*.bias": 0, "norm.*": 0, "*": 0.01},
        formula={"one.weight": "w ← 0.9999·w − AdamW[lr=0.01](∇L_data)"},
        absent=("RGL401", "RGL503"),
    )
    assert report.outcome == "ok"


def test_fixture_rejects(assert_update: Any) -> None:
    """The failure holds what was expected, what was found and the measured formula."""
    model = Net()
    with pytest.raises(pytest.fail.Exception) as failure:
        assert_update(model, SGD(model.parameters(), lr=0.1, weight_decay=0.1), F.cross_entropy, batch(), decay={"*.bias": 0, "x": 1})
    text = str(failure.value)
    assert "one.bias: decay 0.1, expected 0" in text and "'x' matches no parameter" in text
    assert "w ← w − 0.1·(∇L_data + 0.1·w [weight_decay])" in text


def test_json() -> None:
    """The documented keys, roles and kinds of decay."""
    model = Net()
    report = probe_step(model, AdamW(model.parameters(), lr=0.1, weight_decay=0.02), F.cross_entropy, batch())
    made = report.to_json()
    assert set(made) >= {"schema_version", "outcome", "torch", "device", "steps", "parameters", "findings", "verdicts"}
    (step,) = made["steps"]
    assert step["residual"] < step["floor"] and step["verdict"] == "explained"
    assert step["text"] == "w ← 0.998·w − AdamW[lr=0.1](∇L_data)"
    by_name = {entry["name"]: entry for entry in made["parameters"]}
    assert {name: entry["role"] for name, entry in by_name.items()} == {
        "one.weight": "weight",
        "one.bias": "bias",
        "norm.weight": "norm",
        "norm.bias": "norm",
        "two.weight": "weight",
        "two.bias": "bias",
    }
    entry = by_name["one.weight"]
    assert (entry["decay_kind"], entry["effective_decay"], entry["group"], entry["moved"]) == ("decoupled", pytest.approx(0.02), 0, True)
    assert entry["after_norm"] != entry["before_norm"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("amp", [False, True])
def test_cuda(amp: bool) -> None:
    """The same numbers on a CUDA device, with and without autocast."""
    model = Net().cuda()
    data = tuple(t.cuda() for t in batch())

    def loss(out: Any, y: Any) -> Any:
        return F.cross_entropy(out, y) + 1e-3 * squares(model)

    with torch.autocast("cuda", torch.bfloat16, enabled=amp):
        report = probe_step(model, AdamW(model.parameters(), lr=0.01, weight_decay=0.1, fused=True), loss, data)
    assert report.trace.device == "cuda"
    assert report.formula("one.weight", sources=False) == "w ← 0.999·w − AdamW[lr=0.01](∇L_data + 0.002·w)"
