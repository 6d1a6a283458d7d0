"""Whole programs about the loop: clearing, clipping, scaling, membership, modes, closures, several optimizers, updates by hand."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F
from torch.optim import LBFGS, SGD, Adam, AdamW

from .programs import Net, batch, ce, observe, squares, train
from .test_optimizers import SAM


def codes(report: Any) -> set[str]:
    """All codes found, notes included."""
    return {finding.code for finding in report.findings}


def test_type_one_by_hand() -> None:
    """Linear(1, 1): gradients -32 and -10, 4.1 and 1.9 after the step, λ not divided by m, the bias decayed."""
    w, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)

    def program() -> None:
        optimizer = SGD([w, b], lr=0.1, weight_decay=1.0)
        x, y = torch.tensor([2.0, 4.0]), torch.tensor([7.0, 11.0])
        ((w * x + b - y) ** 2).mean().backward()
        assert (w.grad, b.grad) == (torch.tensor([-32.0]), torch.tensor([-10.0]))
        optimizer.step()

    report = observe(program)
    assert (w.item(), b.item()) == (pytest.approx(4.1), pytest.approx(1.9))
    assert report.formula("w") == report.formula("b") == "w ← w − 0.1·(∇L_data + 1·w [weight_decay])"


def by_hand(divisor: float, decay: float, rate: float = 0.1, reduction: str = "mean") -> Any:
    """Three hand-written updates of Linear(1, 1)."""
    w, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)

    def program() -> None:
        x, y = torch.tensor([2.0, 4.0]), torch.tensor([7.0, 11.0])
        for _ in range(3):
            error = (w * x + b - y) ** 2
            (error.mean() if reduction == "mean" else error.sum()).backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= rate * (p.grad / divisor + decay * p)
                    p.grad.zero_()

    return program, w, b


def test_type_two_by_hand() -> None:
    """λ/m = 0.5 written by hand, no optimizer object: recognised, with its decay."""
    program, _, _ = by_hand(1.0, 0.5)
    report = observe(program)
    first = report.trace.steps[0].groups[0].members
    assert {m.name: round(m.after_norm, 5) for m in first} == {"w": 4.15, "b": 1.95}
    assert report.formula("w", sources=False) == "w ← w − 0.1·(∇L_data + 0.5·w)"


def test_by_hand_with_sum_and_division() -> None:
    """The sgd of a well-known book: sum loss, gradient divided by the batch size."""
    report = observe(by_hand(2.0, 0.0, 0.01, "sum")[0])
    assert report.formula("w") == "w ← w − 0.005·(∇L_data)"
    assert report.trace.steps[0].data[0].text == "sum"


def test_missing_from_the_optimizer() -> None:
    """Only the head is optimized; the rest gets gradients for nothing, and piles them up without a false alarm."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.two.parameters(), lr=0.1)))
    (finding,) = [f for f in report.findings if f.code == "RGL503"]
    assert "one.weight" in finding.message
    assert not report.has("RGL401")


def test_unused_parameter() -> None:
    """A layer that forward never uses has no gradient and does not move."""
    model = Net()
    model.extra = nn.Linear(2, 2)
    report = observe(lambda: train(model, AdamW(model.parameters(), lr=0.1)))
    member = report.member("extra.weight")
    assert (member.gradient, member.moved) == ("none", False)
    assert "no gradient: extra.weight, extra.bias" in report.text()


def test_frozen_in_the_optimizer() -> None:
    """requires_grad=False with grad None: it stays."""
    model = Net()
    model.one.requires_grad_(False)
    report = observe(lambda: train(model, AdamW(model.parameters(), lr=0.1)))
    assert not report.member("one.weight").moved and not report.has("RGL504")


@pytest.mark.parametrize("kind", [SGD, AdamW])
def test_frozen_yet_moving(kind: Any) -> None:
    """Frozen after a backward pass: the gradient is zero, not None, and decay goes on."""
    model = Net()

    def program() -> None:
        optimizer = kind(model.parameters(), lr=0.1, weight_decay=0.1)
        ce(model, batch()).backward()
        optimizer.step()
        model.one.requires_grad_(False)
        for _ in range(2):
            optimizer.zero_grad(set_to_none=False)
            ce(model, batch()).backward()
            optimizer.step()

    report = observe(program, steps=3)
    assert report.has("RGL504")


def test_layer_replaced_after_the_optimizer() -> None:
    """The new head is in no group."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        model.two = nn.Linear(8, 3)
        train(model, optimizer)

    (finding,) = [f for f in observe(program).findings if f.code == "RGL503"]
    assert "two.weight" in finding.message


def test_gradients_not_cleared() -> None:
    """No zero_grad: the second step adds the first one's gradients."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            ce(model, batch()).backward()
            optimizer.step()

    assert observe(program).has("RGL401")


@pytest.mark.parametrize("to_none", [True, False])
def test_gradients_cleared(to_none: bool) -> None:
    """Zero tensors are cleared gradients too."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            ce(model, batch()).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=to_none)

    assert codes(observe(program, steps=3)) <= {"RGL102"}


def test_gradients_discarded() -> None:
    """zero_grad between backward and step."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), before_step=lambda m: m.zero_grad()))
    assert report.has("RGL402")


def test_clip_scales_data_and_penalty_not_decay() -> None:
    """One factor on the gradient of data and penalty; weight_decay is added afterwards."""
    model = Net()
    report = observe(
        lambda: train(
            model,
            SGD(model.parameters(), lr=0.1, weight_decay=1e-3),
            lambda m, d: ce(m, d) + 1e-3 * squares(m),
            before_step=lambda m: nn.utils.clip_grad_norm_(m.parameters(), 0.1),
        )
    )
    factor = report.member("one.weight").change.factor
    assert 0.0 < factor < 0.5
    assert report.formula("one.weight", sources=False) == f"w ← w − 0.1·({factor:g}·(∇L_data + 0.002·w) + 0.001·w)"


def test_clip_by_value() -> None:
    """clamp."""
    model = Net()
    report = observe(
        lambda: train(model, SGD(model.parameters(), lr=0.1), before_step=lambda m: nn.utils.clip_grad_value_(m.parameters(), 0.01))
    )
    assert report.formula("two.weight") == "w ← w − 0.1·(clamp(∇L_data, ±0.01))"


def test_clip_before_backward() -> None:
    """It finds no gradient, and the step is unclipped."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            loss = ce(model, batch())
            nn.utils.clip_grad_norm_(model.parameters(), 0.01)
            loss.backward()
            optimizer.step()

    report = observe(program)
    assert report.has("RGL405") and report.formula("one.weight") == "w ← w − 0.1·(∇L_data)"


@pytest.mark.parametrize("unscale", [True, False])
def test_scaler_and_clip(unscale: bool) -> None:
    """unscale_ before clipping is right; without it the threshold is divided by the scale."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
        scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
        for _ in range(2):
            optimizer.zero_grad()
            scaler.scale(ce(model, batch()) + 1e-3 * squares(model)).backward()
            if unscale:
                scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 0.01)
            scaler.step(optimizer)
            scaler.update()

    report = observe(program)
    assert report.has("RGL404") == (not unscale)
    assert report.trace.steps[0].penalties[0].coefficient == pytest.approx(2e-3, rel=1e-4)
    assert report.member("one.weight").change.kind == "scale"


def test_scaler_skips_a_step_with_inf() -> None:
    """No step is taken, none is reported."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
        scaler.scale(ce(model, batch()) * float("inf")).backward()
        scaler.step(optimizer)
        scaler.update()

    assert observe(program).trace.steps == ()


def test_module_backward_hook_overwrites() -> None:
    """A full backward hook that assigns p.grad."""
    model = Net()

    def overwrite(module: Any, grad_in: Any, grad_out: Any) -> None:
        for p in module.parameters():
            p.grad = torch.full_like(p, 0.5)

    def program() -> None:
        model.two.register_full_backward_hook(overwrite)
        train(model, SGD(model.parameters(), lr=0.1))

    report = observe(program)
    assert report.member("two.weight").change.kind != "none" and report.member("one.weight").change.kind == "none"


def test_instance_pre_hook() -> None:
    """The user's own pre-hook scales the gradient before our last look."""
    model = Net()

    def half(optimizer: Any, args: Any, kwargs: Any) -> None:
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad.mul_(0.5)

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        optimizer.register_step_pre_hook(half)
        train(model, optimizer)

    assert observe(program).formula("one.weight") == "w ← w − 0.1·(0.5·∇L_data)"


def evaluate(model: Any) -> None:
    """A forward pass without gradients."""
    with torch.no_grad():
        model(batch()[0])


def test_train_mode_in_evaluation() -> None:
    """Dropout and batch norm in train mode under no_grad."""
    model = Net(0.5, batch_norm=True)

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        train(model, optimizer, steps=1)
        evaluate(model)

    (found,) = [f.message for f in observe(program, steps=3).findings if f.code == "RGL301"]
    assert found == "batch norm and dropout are in train mode during a forward pass without gradients"


def test_eval_mode_is_quiet() -> None:
    """eval() before, train() after."""
    model = Net(0.5, batch_norm=True)

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            model.train()
            train(model, optimizer, steps=1)
            model.eval()
            evaluate(model)

    assert codes(observe(program, steps=4)) <= {"RGL102"}


def test_train_forgotten() -> None:
    """eval() once, never train() again."""
    model = Net(0.5)

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            train(model, optimizer, steps=1)
            model.eval()
            evaluate(model)

    assert observe(program, steps=4).has("RGL303")


def test_functional_dropout() -> None:
    """F.dropout(x, .5) without training= is still active under eval()."""

    class Always(Net):
        """Dropout that ignores eval()."""

        def forward(self, x: Any) -> Any:
            """Logits."""
            return self.two(F.dropout(self.one(x), 0.5))

    class Gated(Net):
        """Dropout that follows the mode."""

        def forward(self, x: Any) -> Any:
            """Logits."""
            return self.two(F.dropout(self.one(x), 0.5, training=self.training))

    for kind, expected in ((Always, True), (Gated, False)):
        model = kind()

        def program(model: Any = model) -> None:
            train(model, SGD(model.parameters(), lr=0.1), steps=1)
            model.eval()
            evaluate(model)

        assert observe(program).has("RGL302") == expected


def test_gan() -> None:
    """Two optimizers that alternate: each its own formula, nothing about clearing."""
    generator, critic = nn.Linear(4, 4), nn.Linear(4, 1)

    def program() -> None:
        first = Adam(critic.parameters(), lr=1e-3, weight_decay=0.1)
        second = Adam(generator.parameters(), lr=1e-3)
        for _ in range(2):
            critic.zero_grad()
            F.binary_cross_entropy_with_logits(critic(torch.randn(5, 4)), torch.ones(5, 1)).backward()
            F.binary_cross_entropy_with_logits(critic(generator(torch.randn(5, 4)).detach()), torch.zeros(5, 1)).backward()
            first.step()
            generator.zero_grad()
            F.binary_cross_entropy_with_logits(critic(generator(torch.randn(5, 4))), torch.ones(5, 1)).backward()
            second.step()

    report = observe(program)
    assert len(report.steps) == 2
    assert report.formula("critic.weight", sources=False) == "w ← w − Adam[lr=0.001](∇L_data + 0.1·w)"
    assert report.formula("generator.weight", sources=False) == "w ← w − Adam[lr=0.001](∇L_data)"
    assert not codes(report) & {"RGL401", "RGL503", "RGL208", "RGL402"}


def test_lbfgs_closure() -> None:
    """Twenty backward passes per step; the penalty on the weight alone counts once."""
    model = Net()

    def program() -> None:
        optimizer = LBFGS(model.parameters(), lr=0.1, max_iter=4)
        data = batch()

        def closure() -> Any:
            optimizer.zero_grad()
            loss = ce(model, data) + 0.01 * model.one.weight.pow(2).sum()
            loss.backward()
            return loss

        for _ in range(2):
            optimizer.step(closure)

    report = observe(program)
    assert report.decay("one.weight") == pytest.approx(0.02, rel=1e-4) and report.decay("one.bias") == 0.0
    assert not codes(report) & {"RGL401", "RGL208"}


def test_first_order_closure() -> None:
    """optimizer.step(closure) with zero_grad and backward inside, as Lightning does it."""
    model = Net()

    def program() -> None:
        optimizer = Adam(model.parameters(), lr=0.01, weight_decay=0.01)

        def closure() -> Any:
            optimizer.zero_grad()
            loss = ce(model, batch())
            loss.backward()
            return loss

        for _ in range(2):
            optimizer.step(closure)

    report = observe(program)
    assert report.formula("one.weight", sources=False) == "w ← w − Adam[lr=0.01](∇L_data + 0.01·w)"
    assert not report.has("RGL401")


def test_optimizer_in_backward() -> None:
    """One optimizer per parameter, stepped from hooks inside backward."""
    model = Net()

    def program() -> None:
        optimizers = {p: SGD([p], lr=0.1, weight_decay=0.01) for p in model.parameters()}

        def hook(p: Any) -> None:
            optimizers[p].step()
            optimizers[p].zero_grad()

        for p in model.parameters():
            p.register_post_accumulate_grad_hook(hook)
        for _ in range(2):
            ce(model, batch()).backward()

    report = observe(program)
    assert len(report.steps) == len(list(model.parameters()))
    assert report.formula("one.weight", sources=False) == "w ← w − 0.1·(∇L_data + 0.01·w)"


def test_nested_optimizer() -> None:
    """SAM(SGD momentum): reported as one optimizer with a coupled decay."""
    model = Net()

    def program() -> None:
        optimizer = SAM(model.parameters(), SGD, lr=0.1, momentum=0.9, weight_decay=0.01)
        for _ in range(2):
            data = batch()

            def closure(data: Any = data) -> Any:
                optimizer.zero_grad()
                loss = ce(model, data)
                loss.backward()
                return loss

            closure()
            optimizer.step(closure)

    report = observe(program)
    assert [step.model.optimizer.short for step in report.steps] == ["SAM"]
    assert report.decay("one.weight") == pytest.approx(0.01)


def test_data_parallel() -> None:
    """DataParallel without devices is a wrapper: names lose their prefix."""
    model = nn.DataParallel(Net())
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), lambda m, d: ce(m, d) + 0.01 * squares(m)))
    assert report.decay("one.weight") == pytest.approx(0.02, rel=1e-4)


def test_duplicate_parameter() -> None:
    """The same tensor twice in one group."""
    model = Net()
    with pytest.warns(UserWarning, match="duplicate parameters"):
        report = observe(lambda: train(model, SGD([model.one.weight, model.one.weight, model.two.weight], lr=0.1)))
    assert report.has("RGL113")


def test_broadcasting_loss() -> None:
    """(N, 1) against (N,) gives (N, N)."""
    model = nn.Linear(4, 1)

    def loss(m: Any, data: Any) -> Any:
        return ((m(data[0]) - data[1].float()) ** 2).mean()

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), loss))
    assert any(f.code == "RGL214" and "(6, 6)" in f.message for f in report.findings)


def test_broadcasting_is_quiet_for_equal_shapes() -> None:
    """(N, 1) against (N, 1)."""
    model = nn.Linear(4, 1)
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), lambda m, d: ((m(d[0]) - d[1].float()[:, None]) ** 2).mean()))
    assert not report.has("RGL214")


def test_no_step() -> None:
    """A block without training."""
    report = observe(lambda: evaluate(Net()))
    assert report.outcome == "no_step" and "no optimizer step" in report.text()


def test_reentrant_checkpoint() -> None:
    """A backward pass inside of a backward pass is one pass, and its gradients count once."""
    from torch.utils.checkpoint import checkpoint

    model = Net()

    def loss(m: Any, data: Any) -> Any:
        x, y = data
        return F.cross_entropy(checkpoint(m, x.requires_grad_(), use_reentrant=True), y) + 0.01 * squares(m)

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), loss))
    assert report.formula("one.weight", sources=False) == "w ← w − 0.1·(∇L_data + 0.02·w)"
    assert report.trace.backwards == 2 and not codes(report) & {"RGL401", "RGL503"}
