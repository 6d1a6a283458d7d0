# ruff: noqa: E501  # each program stands in few lines, to be read as a table
"""Training without an optimizer: plain tensors as parameters, steps by hand, losses of samples that are reduced together with a penalty."""

from __future__ import annotations

import pytest

from reglint.step.formula import update_line
from reglint.step.model import DataTerm, Role, StepModel
from reglint.step.trace import Forward, Unregistered
from tests.reader.reading import Read

HEADER = """import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable
batches = torch.load("batches")
batch_size = 8
w = torch.randn(4, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
"""
LOOP = "for x, y in batches:\n    each = (x @ w + b - y) ** 2 / 2\n"
SGD = "    with torch.no_grad():\n        for p in [w, b]:\n            p -= {}\n            p.grad.zero_()\n"

# what makes the tensor: the rank if it is a parameter, None where it is none
TENSORS = {
    "torch.randn(4, 3, requires_grad=True)": 2,
    "torch.normal(0, 1, size=(4, 3), requires_grad=True)": 2,
    "torch.normal(0, 1, (4,), requires_grad=True)": 1,
    "torch.full((2, 2, 2), 0.5, requires_grad=True)": 3,
    "torch.ones(size=[5], requires_grad=True)": 1,
    "torch.rand(3).requires_grad_()": 1,
    "(torch.rand(3, 4) * 0.01).requires_grad_(True)": 2,
    "Variable(torch.randn(3, 4).float(), requires_grad=True)": 2,
    "torch.tensor(0., requires_grad=True)": None,
    "torch.zeros((), requires_grad=True)": None,
    "torch.randn(4, 3)": None,
    "torch.randn(4, 3, requires_grad=False)": None,
    "torch.rand(3).requires_grad_(False)": None,
    "Variable(torch.load('x'), requires_grad=True)": None,
}


@pytest.mark.parametrize("made", TENSORS)
def test_plain_parameters(made: str, read: Read) -> None:
    """A fresh tensor with sizes that asks for a gradient is a parameter, and an optimizer knows that it owns it."""
    found = read(HEADER + f"v = {made}\nopt = torch.optim.SGD([v], lr=0.1)\nopt.step()")
    members = found.optimizers[0].groups[0].params.members
    if TENSORS[made] is None:
        assert members is None
    else:
        assert [(p.name, p.ndim, p.plain) for p in members or ()] == [("v", TENSORS[made], True)]


def test_roles(read: Read) -> None:
    """Names and ranks tell weights from biases."""
    found = read(HEADER + "hidden = torch.rand(3, 4, requires_grad=True)\nv = torch.rand(3, requires_grad=True)\nopt = torch.optim.SGD([w, b, hidden, v], lr=0.1)\nopt.step()")
    members = found.optimizers[0].groups[0].params.members or ()
    assert {p.name: p.role for p in members} == {"w": Role.WEIGHT, "b": Role.BIAS, "hidden": Role.WEIGHT, "v": Role.OTHER}


def test_modules_do_not_register_them(read: Read) -> None:
    """They are attributes like any other: parameters() passes them by, and that is reported at the end."""
    found = read(
        HEADER + "class Net(nn.Module):\n    def __init__(self):\n        self.early = torch.rand(2, requires_grad=True)\n        super().__init__()\n"
        "        self.fc = nn.Linear(3, 2)\n        self.w = torch.rand(3, 3, requires_grad=True)\n"
        "    def forward(self, x):\n        return self.fc(x @ self.w) + self.early\n"
        "net = Net()\nnet(torch.zeros(1, 3))\nopt = torch.optim.SGD(net.parameters(), lr=0.1)"
    )  # fmt: skip
    (forward,) = found.of(Forward)
    assert forward.module.resolved
    assert [p.name for p in found.optimizers[0].groups[0].params.members or ()] == ["fc.weight", "fc.bias"]
    assert [(e.attribute, e.kinds) for e in found.of(Unregistered)] == [("early", ("tensor",)), ("w", ("tensor",))]


# the update of each parameter, and the formula of the first group
UPDATES = {
    "lr * p.grad / batch_size": "w ← w − 0.5·(∇L_data + 0.2·w)",
    "lr * p.grad / len(x)": "w ← w − 0.5·(∇L_data + 0.2·w)",
    "p.grad * (rate / len(x))": "w ← w − η·(∇L_data + 0.2·w)",
    "-(-rate) * p.grad": "w ← w − η·(∇L_data + c·w)",
    "p.grad * (lr / batch_size)": "w ← w − 0.0625·(∇L_data + c·w)",
    "lr * p.grad": "w ← w − 0.5·(∇L_data + c·w)",
    "-(-lr) * p.grad.data": "w ← w − 0.5·(∇L_data + c·w)",
    "rate * p.grad": "w ← w − η·(∇L_data + c·w)",
}


@pytest.mark.parametrize("update", UPDATES)
def test_steps(update: str, read: Read) -> None:
    """A sum over samples takes the penalty once for each; dividing by their number undoes it."""
    program = "lr = 0.5\nimport json\nrate = json.load(open('rate'))\n" + LOOP + "    (each + 0.1 * w.pow(2).sum()).sum().backward()\n" + SGD.format(update)
    (step,) = read(HEADER + program).steps
    assert step.optimizer.kind == "by hand"
    assert formula(step) == UPDATES[update]


SPELLINGS = {
    "add_": "        w.data.add_(-0.5 * w.grad.data)",
    "add_ with alpha": "        w.add_(w.grad, alpha=-0.5)",
    "add_ as it was": "        w.data.add_(-0.5, w.grad.data)",
    "sub_": "        w.sub_(0.5 * w.grad)",
    "data": "        w.data -= 0.5 * w.grad.data",
    "through a list": "        params = [w, b]\n        for i in range(2):\n            params[i].data.sub_(0.5 * params[i].grad)",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_spellings(spelling: str, read: Read) -> None:
    """However the step is written."""
    (step,) = read(HEADER + LOOP + "    (each.mean() + 0.1 * w.pow(2).sum()).backward()\n    with torch.no_grad():\n" + spelling).steps
    assert formula(step) == "w ← w − 0.5·(∇L_data + 0.2·w)"


def test_model_that_is_not_known(read: Read) -> None:
    """The loop of a language model: all that is known of the parameters is whose they are."""
    program = "model = torch.load('model')\nlr = torch.load('lr')\nfor x, y in batches:\n    F.cross_entropy(model(x), y).backward()\n"
    program += "    for p in model.parameters():\n        p.data.add_(p.grad, alpha=-lr)"
    (step,) = read(HEADER + program).steps
    assert formula(step) == "w ← w − η·(∇L_data)"
    assert step.optimizer.groups[0].params.members is None


NO_STEPS = {
    "uphill": "w.data += 0.1 * w.grad",
    "sign": "w.data -= 0.1 * w.grad.sign()",
    "velocity": "v = 0.9 * v + w.grad\n    w.data -= 0.1 * v",
    "of another": "w.data -= 0.1 * b.grad",
    "before backward": "pass",
}


@pytest.mark.parametrize("update", NO_STEPS.values(), ids=NO_STEPS.keys())
def test_no_steps(update: str, read: Read) -> None:
    """What does not go down along the parameter's own gradient is not explained."""
    assert read(HEADER + "v = 0\n" + LOOP + f"    each.mean().backward()\n    {update}").steps == ()


def test_one_step_for_each_call(read: Read) -> None:
    """Two calls of a training function are two steps, with their own penalties; the passes of its loops are one."""
    program = "def train(c):\n    for epoch in range(3):\n        for x, y in batches:\n            ((x @ w + b - y).pow(2).mean() + c * w.pow(2).sum()).backward()\n"
    program += "            with torch.no_grad():\n                w.sub_(0.5 * w.grad)\n                b.sub_(0.1 * b.grad)\n"
    steps = read(HEADER + program + "train(0)\ntrain(3)\nfor c in (1, 2):\n    train(c)").steps
    assert [o.penalties[0].coefficient.value for s in steps for o in s.objectives] == [0.0, 3.0, 1.0, 2.0]
    assert [[(g.options["lr"].value, g.params.label) for g in s.optimizer.groups] for s in steps] == [[(0.5, "w"), (0.1, "b")]] * 4


def test_more_parameters_than_are_shown(read: Read) -> None:
    """A list that grows in a loop holds more than is known."""
    program = "params = []\nfor size in torch.load('sizes'):\n    params.append(torch.randn(size, 3, requires_grad=True))\n"
    program += "for x, y in batches:\n    (x @ params[0] - y).pow(2).mean().backward()\n    for p in params:\n        p.data -= 0.1 * p.grad"
    for step in read(HEADER + program).steps:
        assert all(g.params.members is None for g in step.optimizer.groups)


# a loss, and its data terms as (reduction, scale)
LOSSES = {
    "nn.MSELoss(reduction='none')(model(x), y).mean()": [("mean", 1.0)],
    "nn.MSELoss(reduction='none')(model(x), y).sum()": [("sum", 1.0)],
    "nn.MSELoss(reduction='none')(model(x), y).sum() / len(x)": [("mean", 1.0)],
    "(0.5 * F.mse_loss(model(x), y, reduction='none')).mean()": [("mean", 0.5)],
    "F.mse_loss(model(x), y, reduction='none').sum(dim=1).mean()": [("batchmean", 1.0)],
    "F.mse_loss(model(x), y, reduction='none').mean(1).sum()": [("unknown", 1.0)],
    "torch.sum(F.mse_loss(model(x), y, reduction='none'))": [("sum", 1.0)],
    "F.mse_loss(model(x), y).mean()": [("mean", 1.0)],
    "(F.mse_loss(model(x), y, reduction='none') * weights).mean()": [("mean", None)],
    "(F.mse_loss(model(x), y, reduction='none') + F.l1_loss(model(x), y, reduction='none')).mean()": [("mean", 1.0), ("mean", 1.0)],
    "((model(x) - y) ** 2).mean()": [("mean", 1.0)],
    "((x @ w + b - y) ** 2 / 2).sum()": [("sum", 1.0)],
}


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_samples(loss: str, read: Read) -> None:
    """A criterion without a reduction, or a loss that is written out, is a data term with the reduction that follows."""
    program = f"model = nn.Linear(4, 3)\nweights = torch.load('weights')\nopt = torch.optim.SGD([*model.parameters(), w, b], lr=0.1)\nfor x, y in batches:\n    ({loss}).backward()\n    opt.step()"
    found = read(HEADER + program).objective
    assert [shown(term) for term in found.data] == LOSSES[loss]
    assert (found.penalties, found.unknown) == ((), ())


def shown(term: DataTerm) -> tuple[str, float | None]:
    """Reduction and scale."""
    return term.reduction.value, term.scale.value


def formula(step: StepModel) -> str:
    """The update of those parameters that get the most terms."""
    return update_line(step, step.optimizer.groups[0])
