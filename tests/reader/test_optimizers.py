# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""Optimizers and their groups, compared with the real `param_groups`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator

import pytest

from reglint.step.model import Optimizer
from tests.reader.reading import Read, numbers

torch = pytest.importorskip("torch")
HEADER = """import torch
from torch import nn, optim
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.body = nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8), nn.Linear(8, 4))
        self.head = nn.Linear(4, 2)
        self.scale = nn.Parameter(torch.ones(1))
    def forward(self, x):
        return self.head(self.body(self.bn(self.conv(x)).mean((2, 3))))
model = Net()
everything = optim.SGD(model.parameters(), lr=1.0)  # shows which parameter has which name
"""
KINDS = sorted(
    name for name, cls in vars(torch.optim).items()
    if inspect.isclass(cls) and issubclass(cls, torch.optim.Optimizer) and name not in ("Optimizer", "SparseAdam", "LBFGS", "Muon")
)  # fmt: skip


def real(source: str) -> object:
    """The optimizer that the source calls `opt`."""
    scope: dict[str, object] = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "main.py", "exec"), scope)
    optimizer = scope["opt"]
    names = {id(p): n for n, p in scope["model"].named_parameters()}  # type: ignore[attr-defined]
    return [
        ([names[id(p)] for p in group["params"]], {k: float(v) for k, v in group.items() if _is_number(v)}) for group in optimizer.param_groups  # type: ignore[attr-defined]
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def predicted(everything: Optimizer, optimizer: Optimizer) -> Iterator[tuple[list[str] | None, dict[str, float | None]]]:
    """The groups as the reader sees them, with the names that the parameters have in the whole model."""
    (whole,) = everything.groups
    named = {p.uid: p.name for p in whole.params.members or ()}
    for group in optimizer.groups:
        names = [named[p.uid] for p in group.params.members] if group.params.members is not None else None
        yield names, numbers(group.options)


def agree(read: Read, program: str) -> None:
    """Every group has the real parameters in order and the real options."""
    source = HEADER + program
    expected = real(source)
    found = list(predicted(*read(source).optimizers))
    assert [names for names, _ in found] == [names for names, _ in expected]  # type: ignore[attr-defined]
    for (_, options), (_, truth) in zip(found, expected, strict=True):  # type: ignore[call-overload]
        known = {k: v for k, v in options.items() if k in truth}
        assert known == {k: v for k, v in truth.items() if k in known}
        assert "lr" in known


@pytest.mark.parametrize("kind", KINDS)
def test_defaults(kind: str, read: Read) -> None:
    """A constructor with no options has torch's defaults, in the optimizer's one group."""
    agree(read, f"opt = torch.optim.{kind}(model.parameters(), lr=0.1)")


@pytest.mark.parametrize("kind", KINDS)
def test_groups(kind: str, read: Read) -> None:
    """Options of a group win over those of the constructor, these over the defaults."""
    decay = "weight_decay" in inspect.signature(getattr(torch.optim, kind)).parameters
    own, shared = ("'weight_decay': 0.02, ", ", weight_decay=0.01") if decay else ("", "")
    agree(
        read,
        f"opt = optim.{kind}([{{'params': model.body.parameters(), {own}'lr': 0.5}}, {{'params': [model.head.weight, model.scale]}}], lr=0.1{shared})",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_inherited(kind: str, read: Read) -> None:
    """`inherited` names exactly the options that a group does not give itself."""
    source = HEADER + f"opt = optim.{kind}([{{'params': model.body.parameters(), 'lr': 0.5}}, {{'params': model.head.parameters()}}], lr=0.1)"
    _, optimizer = read(source).optimizers
    assert ["lr" in g.inherited for g in optimizer.groups] == [False, True]


SELECTIONS = {
    "all": "opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)",
    "positional": "opt = optim.SGD(model.parameters(), 0.1, 0.9, 0, 1e-4)",
    "list": "opt = optim.Adam(list(model.parameters()), 1e-3, (0.9, 0.99), 1e-8, 0.01)",
    "list of tensors": "opt = optim.Adam([model.head.weight, model.head.bias], lr=0.1)",
    "comprehension": "opt = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)",
    "frozen": "for p in model.body.parameters():\n    p.requires_grad = False\nopt = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)",
    "frozen method": "model.conv.requires_grad_(False)\nopt = optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1)",
    "frozen by name": "for n, p in model.named_parameters():\n    if not n.startswith('head'):\n        p.requires_grad = False\n"
                      "opt = optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)",
    "names": "decay = [p for n, p in model.named_parameters() if not n.endswith('bias') and 'bn' not in n]\n"
             "rest = [p for n, p in model.named_parameters() if n.endswith('bias') or 'bn' in n]\n"
             "opt = optim.AdamW([{'params': decay, 'weight_decay': 0.1}, {'params': rest, 'weight_decay': 0.0}], lr=1e-3)",
    "any": "no_decay = ['bias', 'LayerNorm.weight']\n"
           "opt = optim.AdamW([{'params': [p for n, p in model.named_parameters() if not any(nd in n for nd in no_decay)], 'weight_decay': 0.01},\n"
           "                   {'params': [p for n, p in model.named_parameters() if any(nd in n for nd in no_decay)], 'weight_decay': 0.0}], lr=1e-4)",
    "dimensions": "opt = optim.AdamW([{'params': [p for p in model.parameters() if p.ndim >= 2], 'weight_decay': 0.1},\n"
                  "                   {'params': [p for p in model.parameters() if p.ndim < 2], 'weight_decay': 0.0}], lr=1e-3)",
    "dim()": "opt = optim.AdamW([{'params': [p for p in model.parameters() if p.dim() > 1], 'weight_decay': 0.1},\n"
             "                   {'params': [p for p in model.parameters() if p.dim() <= 1], 'weight_decay': 0.0}], lr=1e-3)",
    "len of shape": "opt = optim.AdamW([{'params': [p for p in model.parameters() if len(p.shape) == 1]}], lr=1e-3)",
    "dict comprehension": "named = {n: p for n, p in model.named_parameters() if p.requires_grad}\n"
                          "opt = optim.AdamW([{'params': [p for n, p in named.items() if p.dim() >= 2], 'weight_decay': 0.1},\n"
                          "                   {'params': [p for n, p in named.items() if p.dim() < 2], 'weight_decay': 0.0}], lr=1e-3)",
    "loop with append": "decay, rest = [], []\nfor name, p in model.named_parameters():\n    if p.ndim == 1 or name.endswith('.bias'):\n"
                        "        rest.append(p)\n    else:\n        decay.append(p)\n"
                        "opt = optim.AdamW([{'params': decay}, {'params': rest, 'weight_decay': 0.0}], lr=1e-3)",
    "loop with continue": "groups = []\nfor name, p in model.named_parameters():\n    if 'body' in name:\n        continue\n    groups.append(p)\nopt = optim.SGD(groups, lr=0.1)",
    "group for each": "groups = []\nfor name, p in model.named_parameters():\n    groups += [{'params': [p], 'lr': 0.2 if 'bias' in name else 0.1}]\nopt = optim.SGD(groups, lr=0.1)",
    "added group": "opt = optim.SGD(model.body.parameters(), lr=0.1, weight_decay=1e-3)\n"
                   "opt.add_param_group({'params': model.head.parameters(), 'weight_decay': 0.0})",
    "chain": "import itertools\nopt = optim.SGD(itertools.chain(model.body.parameters(), model.head.parameters()), lr=0.1)",
    "sum of lists": "opt = optim.SGD(list(model.body.parameters()) + list(model.head.parameters()), lr=0.1)",
    "sets": "head = set(id(p) for p in model.head.parameters())\nopt = optim.SGD([p for p in model.parameters() if id(p) not in head], lr=0.1)",
    "mapped ids": "ids = list(map(id, model.head.parameters()))\nbase = filter(lambda p: id(p) not in ids, model.parameters())\n"
                  "opt = optim.SGD([{'params': base}, {'params': model.head.parameters(), 'lr': 0.5}], lr=0.1)",
    "modules": "decay, rest = [], []\nfor m in model.modules():\n    if isinstance(m, (nn.Linear, nn.Conv2d)):\n        decay.append(m.weight)\n"
               "        rest.append(m.bias)\n    elif isinstance(m, (nn.BatchNorm2d, nn.LayerNorm)):\n        rest.extend([m.weight, m.bias])\n"
               "opt = optim.SGD([{'params': decay, 'weight_decay': 1e-4}, {'params': rest}], lr=0.1)",
    "own function": "def split(m, skip=()):\n    a, b = [], []\n    for n, p in m.named_parameters():\n        (b if n in skip else a).append(p)\n"
                    "    return [{'params': a}, {'params': b, 'weight_decay': 0.}]\nopt = optim.AdamW(split(model, {'scale'}), lr=1e-3)",
    "getattr": "opt = getattr(optim, 'RMSprop')(model.parameters(), lr=0.01)",
    "table": "opt = {'sgd': optim.SGD, 'adam': optim.Adam}['adam'](model.parameters(), lr=0.01)",
    "keywords": "options = dict(lr=0.1, momentum=0.9)\noptions['weight_decay'] = 1e-4\nopt = optim.SGD(model.parameters(), **options)",
    "partial": "from functools import partial\nmake = partial(optim.AdamW, lr=0.1, weight_decay=0.3)\nopt = make(model.parameters())",
    "subclass": "class Mine(optim.AdamW):\n    pass\nopt = Mine(model.parameters(), lr=0.1, weight_decay=0.2)",
    "nested modules": "opt = optim.SGD([{'params': model.body[0].parameters()}, {'params': model.body[2].weight}, {'params': model.bn.parameters()}], lr=0.1)",
    "children": "opt = optim.SGD([{'params': c.parameters()} for c in model.children()], lr=0.1)",
    "all but the last": "opt = optim.SGD([p for c in list(model.children())[:-1] for p in c.parameters()], lr=0.1)",
    "named pairs": "opt = optim.SGD([p for _, p in model.named_parameters()], lr=0.1)",
    "slice": "opt = optim.SGD(list(model.parameters())[-2:], lr=0.1)",
    "prefix": "opt = optim.SGD([p for n, p in model.named_parameters() if n.split('.')[0] == 'body'], lr=0.1)",
    "regular expression": "import re\nopt = optim.SGD([p for n, p in model.named_parameters() if re.search(r'body\\.\\d', n)], lr=0.1)",
}  # fmt: skip


@pytest.mark.parametrize("name", SELECTIONS)
def test_selections(name: str, read: Read) -> None:
    """The parameters that a program selects are the real ones, in order, wherever the reader claims to know them."""
    source = HEADER + SELECTIONS[name]
    optimizers = read(source).optimizers
    assert len(optimizers) == 2
    found = list(predicted(*optimizers))
    expected = real(source)
    assert name in UNKNOWN or all(names is not None for names, _ in found)
    for (names, options), (true_names, truth) in zip(found, expected, strict=True):  # type: ignore[call-overload]
        assert names is None or names == true_names
        assert all(value is None or value == truth[option] for option, value in options.items() if option in truth)


UNKNOWN = {"regular expression"}  # selections that the reader says it does not know


@pytest.mark.parametrize("groups", ["[]", "saved()"])
def test_groups_replaced_after_a_choice(groups: str, read: Read) -> None:
    """Of the groups of an optimizer that may be one of two, and that were replaced, nothing is claimed."""
    source = "opt = {'adam': optim.Adam(model.parameters()), 'sgd': optim.SGD(model.parameters(), lr=0.1)}[option()]\n"
    source += f"opt.param_groups = {groups}\nopt.add_param_group({{'params': model.head.parameters()}})"
    chosen = read(HEADER + source).optimizers[1:]
    assert [o.kind for o in chosen] == ["torch.optim.Adam", "torch.optim.SGD"]
    assert all(not o.groups for o in chosen)
