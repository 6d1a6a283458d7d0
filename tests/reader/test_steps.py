# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""Events of training steps: what happens, in which order, under which conditions; and what is left where a budget runs out."""

from __future__ import annotations

import ast
import copy
import random
from pathlib import Path

import pytest

from reglint.reader import machine
from reglint.step.trace import Backward, Cleared, Clipped, Event, LossComputed, Stepped, Unscaled
from tests.reader.reading import Read, plain

HEADER = """import torch
from torch import nn
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from somewhere import loader, flag, steps
model = nn.Linear(4, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()
"""
LETTERS: dict[type[Event], str] = {Cleared: "c", Backward: "b", Clipped: "n", Unscaled: "u", Stepped: "s"}
LOOP = "for x, y in loader:\n"
# name: (body, the order of events in one pass)
ORDERS = {
    "plain": ("    opt.zero_grad()\n    criterion(model(x), y).backward()\n    opt.step()", "cbs"),
    "cleared late": ("    criterion(model(x), y).backward()\n    opt.step()\n    opt.zero_grad()", "bsc"),
    "model cleared": ("    model.zero_grad()\n    criterion(model(x), y).backward()\n    opt.step()", "cbs"),
    "by hand": ("    for p in model.parameters():\n        p.grad = None\n    criterion(model(x), y).backward()\n    opt.step()", "bs"),
    "clipped": ("    opt.zero_grad()\n    criterion(model(x), y).backward()\n    clip_grad_norm_(model.parameters(), 1.0)\n    opt.step()", "cbns"),
    "clipped by value": ("    opt.zero_grad()\n    criterion(model(x), y).backward()\n    clip_grad_value_(model.parameters(), 1.0)\n    opt.step()", "cbns"),
    "scaled": ("    opt.zero_grad()\n    scaler.scale(criterion(model(x), y)).backward()\n    scaler.unscale_(opt)\n    clip_grad_norm_(model.parameters(), 1)\n"
               "    scaler.step(opt)\n    scaler.update()", "cbuns"),
    "functional": ("    opt.zero_grad()\n    torch.autograd.backward(criterion(model(x), y))\n    opt.step()", "cbs"),
    "closure": ("    def closure():\n        opt.zero_grad()\n        loss = criterion(model(x), y)\n        loss.backward()\n        return loss\n    opt.step(closure)", "cbs"),
    "function": ("    update(x, y)", "cbs"),
    "two losses": ("    opt.zero_grad()\n    criterion(model(x), y).backward(retain_graph=True)\n    criterion(model(x), y).backward()\n    opt.step()", "cbbs"),
}  # fmt: skip
UPDATE = "def update(x, y):\n    opt.zero_grad()\n    criterion(model(x), y).backward()\n    opt.step()\n"


@pytest.mark.parametrize("name", ORDERS)
def test_order(name: str, read: Read) -> None:
    """The events of a pass come in the program's order, the same in both passes."""
    body, order = ORDERS[name]
    events = read(HEADER + "scaler = torch.amp.GradScaler()\n" + (UPDATE if "update(x, y)" in body else "") + LOOP + body).events
    assert "".join(LETTERS.get(type(e), "") for e in events) == order * 2


GUARDED = {
    "index": "for i, (x, y) in enumerate(loader):\n    criterion(model(x), y).backward()\n    if (i + 1) % 4 == 0:\n        opt.step()\n        opt.zero_grad()",
    "option": "for i, (x, y) in enumerate(loader):\n    criterion(model(x), y).backward()\n    if i % steps == 0:\n        opt.step()\n        opt.zero_grad()",
    "own counter": "n = 0\nfor x, y in loader:\n    criterion(model(x), y).backward()\n    n += 1\n    if n % 4 == 0:\n        opt.step()\n        opt.zero_grad()",
    "counter set back": "n = 0\nfor x, y in loader:\n    criterion(model(x), y).backward()\n    n += 1\n    if n == 4:\n        opt.step()\n        opt.zero_grad()\n        n = 0",
    "counter of an object": "class T:\n    def __init__(self):\n        self.n = 0\n    def update(self, x, y):\n        criterion(model(x), y).backward()\n        self.n += 1\n"
                            "        if self.n % 4 == 0:\n            opt.step()\n            opt.zero_grad()\nt = T()\nfor x, y in loader:\n    t.update(x, y)",
    "countdown": "n = 4\nfor x, y in loader:\n    criterion(model(x), y).backward()\n    n -= 1\n    if n == 0:\n        opt.step()\n        opt.zero_grad()\n        n = 4",
    "continue": "for i, (x, y) in enumerate(loader):\n    criterion(model(x), y).backward()\n    if (i + 1) % 4:\n        continue\n    opt.step()\n    opt.zero_grad()",
    "while": "n = 0\nit = iter(loader)\nwhile n < 100:\n    x, y = next(it)\n    criterion(model(x), y).backward()\n    n += 1\n    if n % 4 == 0:\n        opt.step()\n        opt.zero_grad()",
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDED)
def test_accumulation(name: str, read: Read) -> None:
    """A step in every fourth pass is seen, under a condition, in each of the two passes."""
    found = read(HEADER + GUARDED[name])
    steps = found.of(Stepped)
    assert steps
    assert all(e.context.guards for e in steps)
    assert len(steps) == len(found.of(Cleared))
    assert all(not e.context.guards for e in found.of(Backward)[:1])


def test_correlated_conditions(read: Read) -> None:
    """What is built under a condition is there under the same condition, and events of opposite outcomes exclude each other."""
    program = "if flag:\n    opt.step()\nelse:\n    opt.zero_grad()\nif not flag:\n    model(1)\n    opt.step()\n"
    first, cleared, last = [e for e in read(HEADER + program).events if isinstance(e, Stepped | Cleared)]
    assert first.context.excludes(cleared.context)
    assert first.context.excludes(last.context)
    assert not cleared.context.excludes(last.context)


def test_reductions(read: Read) -> None:
    """The reduction of a loss, in today's and in the retired spelling."""
    calls = {
        "nn.MSELoss()(x, y)": "mean", "nn.MSELoss(reduction='sum')(x, y)": "sum", "nn.MSELoss(size_average=False)(x, y)": "sum",
        "nn.MSELoss(reduce=False)(x, y)": "none", "F.mse_loss(x, y, reduction='none')": "none", "F.mse_loss(x, y, None, False)": "none",
        "nn.MSELoss(reduction=flag)(x, y)": "unknown", "F.kl_div(x, y, reduction='batchmean')": "batchmean", "nn.MSELoss(**flag)(x, y)": "unknown",
    }  # fmt: skip
    found = read(HEADER + "x = y = flag\n" + "\n".join(calls)).of(LossComputed)
    assert [str(e.reduction) for e in found] == list(calls.values())


def test_budget(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the budget runs out the trace is marked as incomplete and holds what was seen until then."""
    monkeypatch.setattr(machine.Machine.__init__, "__defaults__", (200,))
    found = read(HEADER + "model.eval()\n" + "flag(1, 2, 3)\n" * 500)
    assert not found.complete
    assert found.optimizers
    assert read(HEADER).complete


@pytest.mark.parametrize(
    "program",
    [
        "def f(n):\n    return f(n + 1)\nf(0)",
        "def f():\n    return g()\ndef g():\n    return f()\nf()",
        "class A:\n    @property\n    def x(self):\n        return self.x\nA().x",
        "class A(A):\n    pass\nA()",
        "xs = []\nxs.append(xs)\nfor x in xs:\n    print(x)\nlen(xs)",
        "d = {}\nd['d'] = d\nd['d']['d']['d']",
        "m = nn.Sequential()\nm.add_module('m', m)\nm.eval()\nlist(m.parameters())",
        "x = 9 ** 9 ** 9\ny = 'a' * 10 ** 9\nz = [0] * 10 ** 9",
        "x = 1\nfor i in range(10 ** 9):\n    x = x * 2 + x",
        "while True:\n    while True:\n        while True:\n            while True:\n                pass",
        "f = lambda g: g(g)\nf(f)",
        "\n".join(f"if flag({i}):\n    x = {i}" for i in range(60)),
        "x = 1\n" + "\n".join(f"x = x if flag({i}) else x + {i}" for i in range(60)),
        "x = " + "(" * 60 + "1" + ")" * 60,
        "x = " + " + ".join(["flag"] * 400),
        "del undefined\ndel flag.a\ndel flag[0]\nundefined += 1\nfor undefined.x in flag: pass",
        "a, *b = *c, d = flag\n[x for x in flag if x for y in x]\n{**flag, 'a': 1}\nf'{flag!r:>{flag}}'",
        "async def f():\n    async with flag as g:\n        async for x in g:\n            await x\n            yield x",
        "match flag:\n    case {'a': [x, *_], **rest} if x:\n        pass\n    case (1 | 2) as y:\n        pass\n    case None:\n        pass",
        "try:\n    pass\nexcept* ValueError:\n    pass",
        "type(flag)()()[0].x.y = 1\n(lambda *a, b=1, **k: (a, b, k))(*flag, **flag)",
        "import main\nfrom main import *\nmain.x",
        "super().x\nsuper(int, 3).y\nreturn_ = yield_ = 1\nglobal flag",
        "nn.ModuleList()[0]\nnn.Sequential()[-1]\nnn.ModuleDict().pop('a')\nmodel.parameters()[0]\n[][0]\n{}['a']\n()[5]",
        "opt.param_groups[7]['lr'] = 1\nopt.add_param_group(flag)\nopt.add_param_group({})\ntorch.optim.SGD([])\ntorch.optim.SGD()",
        "setattr(model, flag, flag)\nmodel.add_module(flag, model)\ngetattr(model, flag)()\nvars(flag)['x'] = 1\nglobals()[flag] = 2",
    ],
)
def test_strange_programs(program: str, read: Read) -> None:
    """Whatever valid Python is read, the reader comes to an end and says something."""
    assert read(HEADER + program).traces


CASES = sorted(p for p in (Path(__file__).parent.parent / "rules").rglob("*.py") if "RGL900" not in p.parts)


@pytest.mark.parametrize("seed", range(40))
def test_mutated_programs(seed: int, read: Read) -> None:
    """Real programs with statements left out, doubled, swapped and made conditional never make the reader fail."""
    chance = random.Random(seed)
    tree = ast.parse(chance.choice(CASES).read_text(encoding="utf-8"))
    blocks = [b for n in ast.walk(tree) for b in (getattr(n, "body", None), getattr(n, "orelse", None)) if isinstance(b, list) and b]
    for _ in range(chance.randint(1, 10)):
        block = chance.choice(blocks)
        index = chance.randrange(len(block))
        match chance.randrange(5):
            case 0 if len(block) > 1:
                del block[index]
            case 1:
                block.insert(index, copy.deepcopy(chance.choice(chance.choice(blocks))))
            case 2:
                chance.shuffle(block)
            case 3:
                block[index] = ast.If(ast.Name("flag", ast.Load()), [block[index]], [])
            case _:
                block[index] = ast.While(ast.Name("flag", ast.Load()), [block[index]], [])
    text = ast.unparse(ast.fix_missing_locations(tree))
    try:
        ast.parse(text)
    except (SyntaxError, RecursionError):
        return
    found = read(text)
    assert all(plain(v) is not None for v in found.shown)
