"""A module that is built runs its constructor when somebody asks for what it makes, as if it had run at once."""

from __future__ import annotations

import pytest

from reglint.reader.domain import Obj
from reglint.reader.machine import Machine
from reglint.step.trace import Forward, LayerInfo
from tests.reader.reading import Read

HEADER = """
import copy, torch
from torch import nn
from somewhere import flag

class Part(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.drop = nn.Dropout(rate)
    def forward(self, x):
        return self.drop(x)

class Net(nn.Module):
    def __init__(self, rate=0.1):
        super().__init__()
        self.rate = rate
        self.first, self.second = Part(rate), Part(rate)
    def forward(self, x):
        return self.first(x)
"""
SHOWN = "\nmodel.zero_grad()\nmodel(torch.randn(3, 2))\n"


def layers(read: Read, program: str) -> dict[str, LayerInfo]:
    """The layers of the model when it is called at last."""
    info = read(HEADER + program + SHOWN).of(Forward)[-1].module
    assert info.resolved
    return {layer.path: layer for layer in info.layers}


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The classes whose constructors ran late."""
    found: list[str] = []
    settle = Obj.settle

    def watched(obj: Obj) -> None:
        if obj.waiting is not None and obj.cls is not None:
            found.append(obj.cls.name)
        settle(obj)

    monkeypatch.setattr(Obj, "settle", watched)
    return found


def test_what_nobody_asks_for_is_not_built(read: Read, built: list[str]) -> None:
    read(HEADER + "unused = Net()\n")
    assert built == []


def test_only_the_part_that_runs_is_built(read: Read, built: list[str]) -> None:
    read(HEADER + "unused = Net()\nprint(unused.first.drop)\n")
    assert built == ["Net", "Part"]


@pytest.mark.parametrize(
    ("program", "modes"),
    [
        ("model = Net()", [True, True]),
        ("model = Net()\nmodel.eval()", [False, False]),
        ("model = Net()\nmodel.first.eval()", [False, True]),
        ("model = Net()\nif flag:\n    model.eval()", [None, None]),  # asked for in a branch, which is not taken for sure
        ("model = Net()\nif flag:\n    print(model.first.drop)", [True, True]),
        ("from somewhere import use\nmodel = Net()\nuse(model)", [None, None]),  # before anybody has asked
        ("from somewhere import use\nmodel = Net()\nif flag:\n    use(model)\nmodel.train()", [True, True]),
        ("model = copy.deepcopy(Net())\nmodel.eval()", [False, False]),
    ],
)
def test_modes(read: Read, program: str, modes: list[bool | None]) -> None:
    found = layers(read, program)
    assert [found[name].training for name in ("first.drop", "second.drop")] == modes


def test_it_runs_under_the_conditions_of_then(read: Read) -> None:
    """What it makes is not narrowed to the branch that asked for it, nor undone with it."""
    program = "class Two(Net):\n    def __init__(self):\n        super().__init__(0.1 if flag else 0.2)\n"
    rates = {path: layer.rate for path, layer in layers(read, program + "model = Two()\nif flag:\n    model.train()").items()}
    assert {type(rate).__name__ for rate in rates.values()} == {"Phi"}


def test_a_constructor_that_builds_its_own_class_ends(read: Read) -> None:
    program = "class Tree(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.left = Tree(n - 1)\n"
    found = read(HEADER + program + "from somewhere import n\nmodel = Tree(n)\nprint(list(model.parameters()))\n")
    assert found.traces[0].complete


@pytest.mark.parametrize("budget", range(30, 100, 3))
def test_the_budget_may_end_in_the_middle(read: Read, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    """What is left of a constructor is not known; nothing of it is taken for all there is."""
    monkeypatch.setattr(Machine.__init__, "__defaults__", (budget,))
    found = read(HEADER + "from somewhere import f\nmodel = Net()\ntry:\n    model.eval()\nexcept ValueError:\n    f(model)" + SHOWN)
    assert all(len(e.module.layers) == 2 for e in found.of(Forward) if e.module.resolved)
