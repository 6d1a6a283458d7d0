"""Whole programs about decay: where it comes from, on which parameters it acts, how strong it is."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, AdamW

from .programs import Net, batch, ce, observe, squares, train


def with_penalty(penalty: Any) -> Any:
    """Cross entropy plus a penalty."""
    return lambda model, data: ce(model, data) + penalty(model)


def test_double_l2() -> None:
    """1e-4·Σp² in the loss and weight_decay 5e-4: 7e-4 in total, both places named."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=5e-4), with_penalty(lambda m: 1e-4 * squares(m))))
    assert "0.0002·w" in report.formula() and "0.0005·w [weight_decay]" in report.formula()
    assert report.decay("one.weight") == pytest.approx(7e-4, rel=1e-5)
    assert report.steps[0].gap is not None and report.steps[0].gap < 1


def test_half_lambda() -> None:
    """½λΣw² has the coefficient λ."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), with_penalty(lambda m: 0.5 * 3e-3 * squares(m))))
    assert report.decay("one.weight") == pytest.approx(3e-3, rel=1e-5)


def test_unsquared_norm() -> None:
    """λΣ‖w‖ pulls with a constant norm, not in proportion to w."""
    model = Net()
    report = observe(
        lambda: train(model, SGD(model.parameters(), lr=0.1), with_penalty(lambda m: 0.01 * sum(p.norm() for p in m.parameters())))
    )
    assert "0.01·w/‖w‖" in report.formula("one.weight", sources=False)
    assert report.has("RGL103") or report.decay("one.weight") == 0.0


def test_l1_on_weights_only() -> None:
    """Biases are free of it."""
    model = Net()
    penalty = with_penalty(lambda m: 0.01 * (m.one.weight.abs().sum() + m.two.weight.abs().sum()))
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), penalty))
    assert "0.01·sign(w)" in report.formula("one.weight", sources=False)
    assert report.formula("one.bias") == "w ← w − 0.1·(∇L_data)"


def test_adam_couples() -> None:
    """λw goes through Adam's moments."""
    model = Net()
    report = observe(lambda: train(model, Adam(model.parameters(), lr=0.01, weight_decay=0.1)))
    assert report.formula("one.weight", sources=False) == "w ← w − Adam[lr=0.01](∇L_data + 0.1·w)"
    assert report.steps[0].gap is not None and report.steps[0].gap < 1


def test_adamw_decouples() -> None:
    """λ acts on the weight itself: κ = ηλ."""
    model = Net()
    report = observe(lambda: train(model, AdamW(model.parameters(), lr=0.01, weight_decay=0.1)))
    assert report.formula("one.weight") == "w ← 0.999·w − AdamW[lr=0.01](∇L_data)"
    assert report.member("one.weight").law.kappa == pytest.approx(1e-3, rel=1e-7)


def test_adamw_and_penalty_are_not_added_up() -> None:
    """Two different operators: decoupled 0.02, and 2e-3 in the gradient."""
    model = Net()
    report = observe(lambda: train(model, AdamW(model.parameters(), lr=0.01, weight_decay=0.02), with_penalty(lambda m: 1e-3 * squares(m))))
    assert report.formula("one.weight", sources=False) == "w ← 0.9998·w − AdamW[lr=0.01](∇L_data + 0.002·w)"


def test_no_decay_groups() -> None:
    """Biases and norms in a group with weight_decay=0: no complaint."""
    model = Net()

    def program() -> None:
        matrices = [p for p in model.parameters() if p.dim() > 1]
        rest = [p for p in model.parameters() if p.dim() <= 1]
        train(model, AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=0.01))

    report = observe(program)
    assert report.decay("one.weight") == pytest.approx(0.1) and report.decay("norm.weight") == 0.0 and report.decay("one.bias") == 0.0
    assert not report.has("RGL102")


def test_no_decay_list_that_matches_too_little() -> None:
    """'LayerNorm.weight' is not what the parameter is called here: the norm is decayed."""
    model = Net()

    def program() -> None:
        skip = ("bias", "LayerNorm.weight")
        kept = [p for n, p in model.named_parameters() if not any(s in n for s in skip)]
        free = [p for n, p in model.named_parameters() if any(s in n for s in skip)]
        train(model, AdamW([{"params": kept, "weight_decay": 0.1}, {"params": free, "weight_decay": 0.0}], lr=0.01))

    report = observe(program)
    assert report.decay("one.bias") == 0.0 and report.decay("norm.weight") == pytest.approx(0.1)


def test_sum_and_penalty_divided_by_the_batch() -> None:
    """(sum + ½λ|w|²)/m: λ/m."""
    model = Net()

    def loss(m: Any, data: Any) -> Any:
        x, y = data
        return (F.cross_entropy(m(x), y, reduction="sum") + 0.5 * 0.3 * squares(m)) / len(x)

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), loss))
    assert report.decay("one.weight") == pytest.approx(0.3 / 6, rel=1e-5)
    assert report.trace.steps[0].data[0].text == "mean"


@pytest.mark.parametrize(("divisor", "strength"), [(4, 2e-3), (1, 8e-3)])
def test_accumulation(divisor: int, strength: float) -> None:
    """The penalty of each of four backward passes counts; undivided it is four times as strong."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            for _ in range(4):
                ((ce(model, batch()) + 1e-3 * squares(model)) / divisor).backward()
            optimizer.step()

    report = observe(program)
    assert report.decay("one.weight") == pytest.approx(strength, rel=1e-5)
    assert report.has("RGL208") == (divisor == 1)
    assert not report.has("RGL401")


def test_tensor_hook_decays() -> None:
    """param.register_hook(g + λp): an edit of the gradient."""
    model = Net()

    def program() -> None:
        for p in model.parameters():
            p.register_hook(lambda g, p=p: g + 0.01 * p.detach())
        train(model, SGD(model.parameters(), lr=0.1))

    report = observe(program)
    assert report.formula("one.weight") == "w ← w − 0.1·(∇L_data + 0.01·w [edit of .grad])"


def test_post_accumulate_hook_decays() -> None:
    """register_post_accumulate_grad_hook adds λp."""
    model = Net()

    def program() -> None:
        def add(p: Any) -> None:
            p.grad.add_(p.detach(), alpha=0.01)

        for p in model.parameters():
            p.register_post_accumulate_grad_hook(add)
        train(model, SGD(model.parameters(), lr=0.1))

    assert observe(program).decay("one.weight") == pytest.approx(0.01, rel=1e-4)


def test_manual_edit_of_weights_only() -> None:
    """p.grad += λp on the matrices, weight_decay on everything."""
    model = Net()

    def edit(m: Any) -> None:
        for p in m.parameters():
            if p.dim() > 1:
                p.grad += 0.01 * p.detach()

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=1e-3), before_step=edit))
    assert report.formula("one.weight") == "w ← w − 0.1·(∇L_data + 0.01·w [edit of .grad] + 0.001·w [weight_decay])"
    assert report.formula("one.bias") == "w ← w − 0.1·(∇L_data + 0.001·w [weight_decay])"


def test_manual_edit_then_clip() -> None:
    """λp added by hand, then clipped: the clip factor is on it too."""
    model = Net()

    def edit(m: Any) -> None:
        for p in m.parameters():
            p.grad += 0.5 * p.detach()
        nn.utils.clip_grad_norm_(m.parameters(), 0.1)

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), before_step=edit))
    change = report.member("one.weight").change
    assert change.kind == "pull" and change.pull == pytest.approx(0.5, rel=1e-3) and 0.0 < change.factor < 0.2


@pytest.mark.parametrize("after", [True, False])
def test_manual_decay_of_the_weights(after: bool) -> None:
    """p.mul_(0.99) before or after the step: a decay that no option shows."""
    model = Net()

    def shrink() -> None:
        with torch.no_grad():
            for p in model.parameters():
                p.mul_(0.99)

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            ce(model, batch()).backward()
            if not after:
                shrink()
            optimizer.step()
            if after:
                shrink()

    report = observe(program)
    assert report.member("one.weight").outside.kind == "scale"
    assert report.member("one.weight").outside.factor == pytest.approx(0.99, rel=1e-4)


def test_weight_clamp() -> None:
    """WGAN clamps its weights after the step."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            ce(model, batch()).backward()
            optimizer.step()
            with torch.no_grad():
                for p in model.parameters():
                    p.clamp_(-0.2, 0.2)

    outside = observe(program).member("one.weight").outside
    assert (outside.kind, outside.bound) == ("clamp", pytest.approx(0.2))


def test_detached_penalty_has_no_effect() -> None:
    """p.data.pow(2): the gradient does not know of it."""
    model = Net()
    penalty = with_penalty(lambda m: 0.1 * sum(p.data.pow(2).sum() for p in m.parameters()))
    assert observe(lambda: train(model, SGD(model.parameters(), lr=0.1), penalty)).decay("one.weight") == 0.0


def test_separate_backward_of_the_penalty() -> None:
    """loss.backward(); penalty.backward()."""
    model = Net()

    def program() -> None:
        optimizer = SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            ce(model, batch()).backward()
            (1e-3 * squares(model)).backward()
            optimizer.step()

    assert observe(program).decay("one.weight") == pytest.approx(2e-3, rel=1e-5)


def test_per_layer_options_and_runtime_changes() -> None:
    """Groups keep their own numbers; an option changed after construction counts."""
    model = Net()

    def program() -> None:
        optimizer = SGD([{"params": model.one.parameters(), "lr": 0.1, "weight_decay": 0.0}, {"params": model.two.parameters()}], lr=0.01)
        optimizer.param_groups[1]["weight_decay"] = 0.5
        train(model, optimizer)

    report = observe(program)
    assert report.formula("one.weight") == "w ← w − 0.1·(∇L_data)"
    assert report.formula("two.weight") == "w ← w − 0.01·(∇L_data + 0.5·w [weight_decay])"
    assert report.has("RGL503")  # the norm's parameters are in no group


def test_warm_up_from_zero() -> None:
    """The first step has lr = 0: the decay is identified, and the formula is that of a step that acts."""
    model = Net()

    def program() -> None:
        optimizer = AdamW(model.parameters(), lr=0.1, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
        for _ in range(3):
            optimizer.zero_grad()
            ce(model, batch()).backward()
            optimizer.step()
            schedule.step()

    report = observe(program, steps=3)
    assert report.trace.steps[0].groups[0].options["lr"] == 0.0
    assert report.trace.steps[0].groups[0].members[0].law.decay == pytest.approx(0.05)
    assert report.formula("one.weight") == "w ← 0.9995·w − AdamW[lr=0.01](∇L_data)"


@pytest.mark.parametrize(("options", "factor"), [({"lr": 0.1, "weight_decay": 25.0}, -1.5), ({"lr": 0.1, "weight_decay": 10.0}, 0.0)])
def test_unstable_decay(options: dict[str, float], factor: float) -> None:
    """ηλ ≥ 1 is found on the measured step too."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), **options)))
    assert 1.0 - options["lr"] * report.decay("one.weight") == pytest.approx(factor)
    assert report.has("RGL111")


def test_bf16_decay_is_rounded_away() -> None:
    """ηλ = 1e-5 is below half a unit in the last place of bf16: the weights do not shrink."""
    model = nn.Linear(4, 3).bfloat16()

    def loss(m: Any, data: Any) -> Any:
        x, y = data
        return F.cross_entropy(m(x.bfloat16()).float(), y)

    report = observe(lambda: train(model, AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2), loss))
    assert any("rounded away" in remark for remark in report.steps[0].remarks)


def test_weight_norm() -> None:
    """The decay acts on g and v, not on the weight that is used."""
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)))
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=0.01)))
    assert {"0.parametrizations.weight.original0", "0.parametrizations.weight.original1"} <= set(report.names())


def test_maximize() -> None:
    """The loss is climbed, the weights still shrink."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=0.01, maximize=True)))
    assert report.formula("one.weight", sources=False) == "w ← w + 0.1·(∇L_data − 0.01·w)"


def test_hidden_decay() -> None:
    """A third-party optimizer with 3e-4 hard-coded in its step."""

    class Hidden(SGD):
        """Plain SGD that decays without an option."""

        @torch.no_grad()
        def step(self, closure: Any = None) -> None:
            """Add 3e-4·w to every gradient."""
            for group in self.param_groups:
                for p in group["params"]:
                    p.add_(p.grad + 3e-4 * p, alpha=-group["lr"])

    model = Net()
    report = observe(lambda: train(model, Hidden(model.parameters(), lr=0.1)))
    assert report.decay("one.weight") == pytest.approx(3e-4, rel=1e-5)


def test_l1_in_the_loss_l2_in_the_optimizer() -> None:
    """Elastic net in two places is not double L2."""
    model = Net()
    penalty = with_penalty(lambda m: 1e-3 * sum(p.abs().sum() for p in m.parameters()))
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=1e-2), penalty))
    assert report.formula("one.weight", sources=False) == "w ← w − 0.1·(∇L_data + 0.001·sign(w) + 0.01·w)"
    assert not report.has("RGL101")


def test_sparse_embedding() -> None:
    """Sparse gradients under SGD."""
    model = nn.Sequential(nn.Embedding(10, 3, sparse=True))

    def loss(m: Any, data: Any) -> Any:
        return F.cross_entropy(m(data[1]), data[1])

    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1), loss))
    assert report.formula() == "w ← w − 0.1·(∇L_data)"
    assert report.steps[0].gap is not None and report.steps[0].gap < 1


def test_nan_loss() -> None:
    """A loss of NaN: said so, the decay still identified, no noise about the weights."""
    model = Net()
    report = observe(lambda: train(model, SGD(model.parameters(), lr=0.1, weight_decay=1e-3), lambda m, d: ce(m, d) * float("nan")))
    assert report.decay("one.weight") == pytest.approx(1e-3)
    assert any("not finite" in remark for remark in report.steps[0].remarks)
    assert report.member("one.weight").outside.kind == "none"
