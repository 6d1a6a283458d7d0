# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""Training and evaluation mode: after each program, the mode of every layer as in the real model."""

from __future__ import annotations

import warnings

import pytest

from tests.reader.reading import Read

torch = pytest.importorskip("torch")
HEADER = """import torch, copy
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1), nn.BatchNorm1d(2))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2, 1))
    def forward(self, x):
        return self.head(self.body(x))
class Frozen(Net):
    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self
class Half(Net):
    def train(self, mode=True):
        super().train(mode)
        for m in self.modules():
            if isinstance(m, nn.BatchNorm1d):
                m.eval()
        return self
class Own(Net):
    def eval(self):
        self.head.eval()
        return self
model = Net()
"""
PROGRAMS = {
    "new": "",
    "eval": "model.eval()",
    "train again": "model.eval()\nmodel.train()",
    "train by flag": "model.train(False)",
    "train by keyword": "model.train(mode=False)",
    "part": "model.body.eval()",
    "part by index": "model.head[0].eval()",
    "batch norm alone": "for m in model.modules():\n    if isinstance(m, nn.BatchNorm1d):\n        m.eval()",
    "base class of batch norm": "for m in model.modules():\n    if isinstance(m, nn.modules.batchnorm._BatchNorm):\n        m.eval()",
    "by class name": "for m in model.modules():\n    if m.__class__.__name__.startswith('Dropout'):\n        m.eval()",
    "children": "for c in model.children():\n    c.eval()",
    "named children": "for n, c in model.named_children():\n    if n == 'head':\n        c.eval()",
    "apply": "def off(m):\n    if isinstance(m, nn.Dropout):\n        m.eval()\nmodel.apply(off)",
    "apply a lambda": "model.apply(lambda m: m.eval() if isinstance(m, nn.Dropout) else None)",
    "overridden train": "model = Frozen()\nmodel.train()",
    "overridden train, eval, train": "model = Frozen()\nmodel.eval()\nmodel.train()",
    "inner module overrides train": "model = nn.Sequential(Frozen(), nn.Dropout(0.3))\nmodel.eval()\nmodel.train()",
    "overridden by a loop": "model = Half()\nmodel.train()",
    "overridden eval": "model = Own()\nmodel.eval()",
    "inner module overrides eval": "model = nn.Sequential(Own(), nn.Dropout(0.3))\nmodel.eval()",
    "wrapped": "wrapped = nn.DataParallel(model)\nwrapped.eval()",
    "wrapped, inner": "wrapped = nn.DataParallel(model)\nwrapped.module.eval()",
    "replaced after eval": "model.eval()\nmodel.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2, 1))",
    "copied after eval": "model.eval()\nmodel = copy.deepcopy(model)",
    "copy in eval": "other = copy.deepcopy(model)\nother.eval()",
    "shared part": "other = nn.Sequential(model.body)\nother.eval()",
    "function": "def evaluate(m):\n    m.eval()\nevaluate(model)",
    "function that restores": "def evaluate(m):\n    was = m.training\n    m.eval()\n    m.train(was)\nevaluate(model)",
    "in a loop": "for epoch in range(3):\n    model.train()\n    model.eval()",
    "in a long loop": "for epoch in range(30):\n    model.train()\n    model.eval()",
    "phases": "for phase in ['train', 'val']:\n    if phase == 'train':\n        model.train()\n    else:\n        model.eval()",
    "attribute": "model.training = False",
    "chained": "model = Net().eval()",
    "to": "model = Net().to('cpu').eval()",
    "list of models": "models = [model, Net()]\nfor m in models:\n    m.eval()",
    "comprehension": "[m.eval() for m in [model]]",
    "decorator": "def quiet(f):\n    def inner(m):\n        m.eval()\n        return f(m)\n    return inner\n@quiet\ndef test(m):\n    return 1\ntest(model)",
    "method": "class Trainer:\n    def __init__(self, m):\n        self.m = m\n    def test(self):\n        self.m.eval()\nTrainer(model).test()",
    "property": "class Trainer:\n    def __init__(self, m):\n        self._m = m\n    @property\n    def m(self):\n        return self._m\nTrainer(model).m.eval()",
    "partial": "from functools import partial\nset_mode = partial(model.train, False)\nset_mode()",
    "bound method": "off = model.eval\noff()",
    "getattr": "getattr(model, 'eval')()",
    "class called": "nn.Module.eval(model)",
    "requires_grad is no mode": "model.requires_grad_(False)",
    "no_grad is no mode": "with torch.no_grad():\n    model(torch.randn(3, 2))",
    "sync batch norm": "model = nn.SyncBatchNorm.convert_sync_batchnorm(model)\nmodel.eval()",
    "context manager": "from contextlib import contextmanager\n@contextmanager\ndef off(m):\n    m.eval()\n    yield\n    m.train()\nwith off(model):\n    pass",
}  # fmt: skip
# The mode where the reader must not claim to know it: nothing here can be said for sure.
OPEN = {
    "handed to unknown code": "from somewhere import evaluate\nevaluate(model)",
    "one branch": "from somewhere import flag\nif flag:\n    model.eval()",
    "unknown argument": "from somewhere import flag\nmodel.train(flag)",
    "in an unknown manager": "from somewhere import frozen\nwith frozen(model):\n    pass",
    "after an early return": "from somewhere import flag\ndef f():\n    if flag:\n        return\n    model.eval()\nf()",
    "in a handler": "from somewhere import flag\ntry:\n    flag()\nexcept ValueError:\n    model.eval()",
    "with an open break": "from somewhere import flags\nmodel.eval()\nfor f in flags:\n    if f:\n        break\n    model.train()",
}  # fmt: skip


def real(source: str) -> dict[str, bool]:
    """The mode of every layer that has one."""
    scope: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "main.py", "exec"), scope)
    layers = scope["model"].named_modules()  # type: ignore[attr-defined]
    return {n: m.training for n, m in layers if "Dropout" in type(m).__name__ or "BatchNorm" in type(m).__name__}


SHOWN = "\nmodel.zero_grad()\nmodel(torch.randn(3, 2))\n"


def predicted(read: Read, source: str) -> dict[str, bool | None]:
    """The same as the reader sees it when the model is called at last."""
    from reglint.step.trace import Forward

    info = read(source + SHOWN).of(Forward)[-1].module
    return {layer.path: layer.training for layer in info.layers}


@pytest.mark.parametrize("name", PROGRAMS)
def test_modes(name: str, read: Read) -> None:
    """Every layer's mode is the real one, or not known."""
    source = HEADER + PROGRAMS[name]
    found, truth = predicted(read, source), real(source)
    assert found.keys() == truth.keys()
    assert all(found[n] in (None, truth[n]) for n in truth), found
    assert name in UNKNOWN or None not in found.values()


@pytest.mark.parametrize("name", OPEN)
def test_open_modes(name: str, read: Read) -> None:
    """A mode that depends on what is not known is not known."""
    assert set(predicted(read, HEADER + OPEN[name]).values()) == {None}


UNKNOWN = {"context manager"}
