# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""Programs in which a reader can easily claim something that is not so: it has to know the truth or to say that it does not."""

from __future__ import annotations

import pytest

from reglint.step.values import Const
from tests.reader.reading import Read, plain

# Each program shows one value; beside it what may be said of it: the truth, "?" for not known, or "default" where
# the value stands only unless something from outside replaces it.
VALUES = {
    "counter in a loop": ("n = 0\nfor x in loader():\n    n += 1\nshow(n)", {"?"}),
    "counter written out": ("n = 0\nfor x in loader():\n    n = n + 1\nshow(n)", {"?"}),
    "decayed in a loop": ("lr = 0.1\nfor epoch in range(100):\n    lr *= 0.5\nshow(lr)", {"?"}),
    "counter on an object": ("class T: pass\nt = T()\nt.n = 0\nfor x in loader():\n    t.n += 1\nshow(t.n)", {"?"}),
    "counter in a while": ("n = 0\nwhile n < 10:\n    n += 1\nshow(n)", {10, "?"}),
    "exact counter": ("n = 0\nfor x in [1, 2, 3]:\n    n += x\nshow(n)", {6}),
    "global counter": ("n = 0\ndef f():\n    global n\n    n += 1\nfor x in loader():\n    f()\nshow(n)", {"?"}),
    "list grown in a loop": ("xs = []\nfor x in loader():\n    xs.append(1)\nshow(len(xs))", {"?"}),
    "list grown in a long range": ("xs = []\nfor i in range(50):\n    xs.append(1)\nshow(len(xs))", {50, "?"}),
    "list grown in one branch": ("xs = [1]\nif unknown():\n    xs.append(2)\nshow(len(xs))", {"?"}),
    "list item of one branch": ("xs = [1]\nif unknown():\n    xs.append(2)\nelse:\n    xs.append(3)\nshow(xs[1])", {frozenset({2, 3})}),
    "key set in one branch": ("d = {}\nif unknown():\n    d['a'] = 1\nshow(d.get('a', 5))", {frozenset({1, 5}), frozenset({1, "?"}), "?"}),
    "key in one branch": ("d = {}\nif unknown():\n    d['a'] = 1\nshow('a' in d)", {"?"}),
    "attribute of one branch over the class's":
        ("class C:\n    a = 1\nc = C()\nif unknown():\n    c.a = 2\nshow(c.a)", {frozenset({1, 2}), "?"}),
    "popped key": ("d = {'a': 1}\nd.pop('a')\nshow(d.get('a', 7))", {7}),
    "popped value": ("d = {'a': 1}\nshow(d.pop('a', 7))", {1}),
    "popped item": ("xs = [1, 2]\nxs.pop()\nshow(xs[-1])", {1}),
    "popped first": ("xs = [1, 2]\nshow(xs.pop(0))", {1}),
    "inserted": ("xs = [1, 2]\nxs.insert(0, 5)\nshow(xs[0])", {5}),
    "reversed": ("xs = [1, 2]\nshow(list(reversed(xs))[0])", {2}),
    "reversed in place": ("xs = [1, 2]\nxs.reverse()\nshow(xs[0])", {2, "?"}),
    "sorted": ("xs = [2, 1]\nshow(sorted(xs)[0])", {1, "?"}),
    "sorted in place": ("xs = [2, 1]\nxs.sort()\nshow(xs[0])", {1, "?"}),
    "deleted key": ("d = {'a': 1}\ndel d['a']\nshow(d.get('a', 7))", {7}),
    "setdefault": ("d = {}\nd.setdefault('a', 3)\nshow(d['a'])", {3}),
    "dict aliased": ("d = {'a': 1}\ne = d\ne['a'] = 2\nshow(d['a'])", {2}),
    "dict copied": ("d = {'a': 1}\ne = dict(d)\ne['a'] = 2\nshow(d['a'])", {1}),
    "merged dicts": ("d = {'a': 1} | {'a': 2}\nshow(d['a'])", {2, "?"}),
    "merged in place": ("d = {'a': 1}\nd |= {'a': 2}\nshow(d['a'])", {2, "?"}),
    "mutable default": ("def f(x, xs=[]):\n    xs.append(x)\n    return len(xs)\nf(1)\nshow(f(2))", {2}),
    "two different calls of a quiet function": ("def half(x):\n    return x / 2\nhalf(a())\nshow(half(8))", {4.0}),
    "quiet function with a side effect":
        ("class C: pass\nc = C()\nc.a = 1\ndef change(x):\n    c.a = x\nchange(2)\nc.a = 3\nchange(2)\nshow(c.a)", {2}),
    "quiet function called in a branch":
        ("class C: pass\nc = C()\nc.a = 1\ndef change(x):\n    c.a = x\nif unknown():\n    change(2)\nchange(2)\nshow(c.a)", {2}),
    "quiet result under a guard":
        ("u = unknown()\nv = 1 if u else 2\ndef get(x):\n    return v\nif u:\n    get(0)\nshow(get(0))", {frozenset({1, 2})}),
    "quiet function and a global": ("k = 1\ndef get():\n    return k\nget()\nk = 2\nshow(get())", {2}),
    "quiet function and an attribute":
        ("class C: pass\nc = C()\nc.a = 1\ndef get(o):\n    return o.a\nget(c)\nc.a = 2\nshow(get(c))", {2}),
    "quiet function and a list": ("def size(xs):\n    return len(xs)\nxs = [1]\nsize(xs)\nxs.append(2)\nshow(size(xs))", {2}),
    "try returns": ("def f():\n    try:\n        return 1\n    except ValueError:\n        pass\n    return 2\nshow(f())", {frozenset({1, 2}), "?"}),
    "try and except": ("try:\n    a = 1\nexcept ImportError:\n    a = 2\nshow(a)", {frozenset({1, 2}), "?"}),
    "finally": ("a = 1\ntry:\n    a = 2\nfinally:\n    a = 3\nshow(a)", {3}),
    "random test twice":
        ("import random\na = b = 0\nif random.random() < 0.5:\n    a = 1\nif random.random() < 0.5:\n    b = a\nelse:\n    b = a + 2\nshow(b)",
         {frozenset({0, 1, 2, 3}), "?"}),
    "deleted name": ("x = 1\ndel x\nx = 2\nshow(x)", {2}),
    "dict of self": ("class C:\n    def __init__(self, **kw):\n        self.a = 1\n        self.__dict__.update(kw)\nshow(C(a=4).a)", {4, "?"}),
    "vars updated": ("class C: pass\nc = C()\nc.a = 1\nvars(c).update({'a': 2})\nshow(c.a)", {2, "?"}),
    "unknown updates":
        ("class C:\n    def __init__(self, kw):\n        self.a = 1\n        self.__dict__.update(kw)\nshow(C(unknown()).a)", {"default"}),
    "setattr of an unknown name": ("class C: pass\nc = C()\nc.a = 1\nfor k, v in unknown().items():\n    setattr(c, k, v)\nshow(c.a)", {"default"}),
    "exec": ("a = 1\nexec(open('conf.py').read())\nshow(a)", {"default"}),
    "globals assigned": ("a = 1\nglobals()['a'] = 2\nshow(a)", {2, "?"}),
    "monkeypatched method": ("class C:\n    def f(self):\n        return 1\nC.f = lambda self: 2\nshow(C().f())", {2}),
    "monkeypatched function": ("import math\ndef f():\n    return 1\ndef g():\n    return f()\nf = lambda: 2\nshow(g())", {2}),
    "class attribute shared": ("class C:\n    a = 1\nc = C()\nC.a = 2\nshow(c.a)", {2}),
    "loop else": ("a = 1\nfor x in loader():\n    if x:\n        break\nelse:\n    a = 2\nshow(a)", {frozenset({1, 2}), "?"}),
    "break leaves": ("a = 1\nfor x in [1, 2, 3]:\n    if x == 2:\n        break\n    a = x\nshow(a)", {1}),
    "continue skips": ("a = 0\nfor x in [1, 2, 3]:\n    if x == 3:\n        continue\n    a = x\nshow(a)", {2}),
    "open break": ("a = 0\nfor x in [1, 2]:\n    if unknown():\n        break\n    a = x\nshow(a)", {frozenset({0, 1, 2}), "?"}),
    "equal to another constant": ("v = 1 if cfg.kind == 'a' else 2\nshow(v if cfg.kind == 'b' else 2)", {2}),
    "unequal, then equal": ("v = 1 if cfg.kind != 'a' else 2\nshow(v if cfg.kind == 'a' else 2)", {2}),
    "one of several, then one": ("v = 1 if cfg.kind in ['a', 'b'] else 2\nshow(v if cfg.kind == 'a' else 1)", {1}),
    "one of several, without one": ("v = 1 if cfg.kind == 'b' else 2\nshow((v if cfg.kind != 'a' else 1) if cfg.kind in ('a', 'b') else 1)", {1}),
    "part of a name": ("v = 1 if 'text' in cfg.kind else 2\nshow(v if cfg.kind == 'digits' else 2)", {2}),
    "two parts of a name": ("v = 1 if 'a' in cfg.kind else 2\nshow(v if 'b' in cfg.kind else 2)", {frozenset({1, 2})}),
    "none, then a constant": ("v = 1 if cfg.kind is None else 2\nshow(v if cfg.kind == 'a' else 2)", {2}),
    "more than, then equal": ("v = 1 if cfg.k > 2 else 2\nshow(v if cfg.k == 1 else 2)", {2}),
    "equal, then true": ("v = 1 if cfg.kind else 2\nshow(v if cfg.kind == 'a' else 1)", {1}),
    "element of a comparison": ("v = 1\nfor ok in cfg.x > 1:\n    v = 1 if ok else 2\nshow(v)", {frozenset({1, 2})}),
    "too many arguments": ("def f(a, b=5):\n    return b\nshow(f(1, 2, 3))", {"?"}),
    "arguments in a star": ("def f(a, b=5):\n    return a\nshow(f(1, *[x for x in cfg.rest]))", {1}),
    "two numbers of a random draw":
        ("import random\nv = 1 if random.randint(0, 2) == 1 else 2\nshow(v if random.randint(0, 2) == 2 else 2)", {frozenset({1, 2}), "?"}),
    "swap": ("a, b = 1, 2\na, b = b, a\nshow(a)", {2}),
    "star unpack": ("a, *b = [1, 2, 3]\nshow(b[0])", {2, "?"}),
    "star unpack last": ("*a, b = [1, 2, 3]\nshow(b)", {3, "?"}),
    "walrus": ("if (n := 3) > 2:\n    pass\nshow(n)", {3}),
    "lambda in a loop": ("fs = [lambda: i for i in [1, 2]]\nshow(fs[0]())", {2, "?"}),
    "nonlocal": ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    g()\n    return a\nshow(f())", {2}),
    "shadowed builtin": ("def max(a, b):\n    return 7\nshow(max(1, 2))", {7}),
    "chained comparison": ("x = 5\nshow(1 if 1 < x < 3 else 2)", {2}),
    "integer division": ("show(7 // 2)", {3}),
    "negative power": ("show(10 ** -3)", {0.001}),
    "string to float": ("show(float('1e-4'))", {1e-4}),
    "bool is no number": ("show(True + 1)", {2}),
    "min of options": ("show(min(3, 2))", {2}),
    "conditional import": ("try:\n    from nowhere import a\nexcept ImportError:\n    a = 2\nshow(a)", {frozenset({2, "?"}), "?"}),
    "recursion": ("def f(n):\n    return 1 if n == 0 else n * f(n - 1)\nshow(f(3))", {6, "?"}),
    "match": ("x = 'b'\nmatch x:\n    case 'a':\n        y = 1\n    case 'b' | 'c':\n        y = 2\n    case _:\n        y = 3\nshow(y)",
              {2, frozenset({2, 3}), "?"}),
    "assert narrows nothing": ("x = unknown()\nassert x == 3\nshow(x)", {"?"}),
    "enum": ("import enum\nclass E(enum.Enum):\n    A = 1\nshow(E.A.value)", {1, "?"}),
    "dict loop": ("t = 0\nfor k, v in {'a': 1, 'b': 2}.items():\n    t += v\nshow(t)", {3}),
    "zip of lists": ("t = 0\nfor a, b in zip([1, 2], [3, 4]):\n    t += a * b\nshow(t)", {11}),
    "enumerate": ("t = 0\nfor i, a in enumerate([5, 6], 1):\n    t += i * a\nshow(t)", {17, "?"}),
    "comprehension filter": ("show(len([x for x in [1, 2, 3] if x > 1]))", {2}),
    "any": ("show(any(x > 2 for x in [1, 2, 3]))", {True, "?"}),
    "sum of numbers": ("show(sum([1, 2, 3]))", {6, "?"}),
    "index by option": ("import argparse\np = argparse.ArgumentParser()\np.add_argument('--i', type=int, default=1)\n"
                        "show([3, 4][p.parse_args().i])", {4, "?", frozenset({3, 4})}),
    "environment": ("import os\nshow(float(os.environ.get('WD', '0.1')))", {0.1, "?"}),
    "slice of a list": ("show([1, 2, 3][1:][0])", {2}),
    "list times": ("show(len([0] * 3))", {3}),
    "list times many": ("show(len([0] * 100))", {100, "?"}),
    "nested function default": ("def f(a=1):\n    def g(b=a):\n        return b\n    return g()\nshow(f(5))", {5}),
    "keyword only": ("def f(*, a=1):\n    return a\nshow(f(a=3))", {3}),
    "star args": ("def f(a, b=2):\n    return b\nshow(f(*[1, 5]))", {5}),
    "unknown star args": ("def f(a, b=2):\n    return b\nshow(f(*unknown()))", {"?"}),
    "unknown keywords": ("def f(a=1, b=2):\n    return b\nshow(f(**unknown()))", {"?"}),
    "kwargs forwarded": ("def g(b=2):\n    return b\ndef f(**kw):\n    return g(**kw)\nshow(f(b=9))", {9}),
    "generator": ("def g():\n    yield 1\n    yield 2\nshow(list(g())[1])", {2, "?"}),
    "property": ("class C:\n    @property\n    def a(self):\n        return 4\nshow(C().a)", {4}),
    "setter": ("class C:\n    @property\n    def a(self):\n        return self._a\n    @a.setter\n    def a(self, v):\n        self._a = v * 2\n"
               "c = C()\nc.a = 3\nshow(c.a)", {6, "?"}),
    "getattr hook": ("class C:\n    def __getattr__(self, n):\n        return 8\nshow(C().b)", {8, "?"}),
    "class method": ("class C:\n    k = 3\n    @classmethod\n    def make(cls):\n        return cls.k\nclass D(C):\n    k = 4\nshow(D.make())", {4}),
    "multiple inheritance": ("class A:\n    v = 1\nclass B(A): pass\nclass C(A):\n    v = 2\nclass D(B, C): pass\nshow(D().v)", {2, "?"}),
    "super chain": ("class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n        return super().f() + 1\n"
                    "class C(B):\n    def f(self):\n        return super().f() + 1\nshow(C().f())", {3}),
    "replaced decorator": ("def deco(f):\n    def inner():\n        return f() + 1\n    return inner\n@deco\ndef g():\n    return 1\nshow(g())", {2}),
    "unknown decorator": ("from lib import deco\n@deco\ndef g():\n    return 1\nshow(g())", {1, "?"}),
    "instance call": ("class C:\n    def __call__(self, x):\n        return x + 1\nshow(C()(1))", {2}),
    "partial": ("from functools import partial\ndef f(a, b):\n    return a - b\nshow(partial(f, 5)(b=2))", {3}),
    "late binding": ("def f():\n    return later\nlater = 6\nshow(f())", {6}),
    "one of two lists": ("for x in [1] if unknown() else [2, 3]:\n    y = x\nshow(y)", {"?"}),
    "reduce": ("from functools import reduce\nshow(reduce(lambda a, b: a + b, [1, 2]))", {3, "?"}),
}  # fmt: skip
HEADER = "import torch\nfrom somewhere import loader, unknown, a\nshow = torch.nn.Dropout\n"


def _frozen(value: object) -> object:
    return frozenset(value) if isinstance(value, set) else value


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str, read: Read) -> None:
    """The reader says the truth, or that it does not know."""
    program, allowed = VALUES[name]
    value = read(HEADER + program + "\n").shown[-1]
    found = _frozen(plain(value))
    assert (found in allowed) or ("default" in allowed and isinstance(value, Const) and value.adjustable)
    if isinstance(found, float | int) and not isinstance(found, bool):
        assert all(type(found) is type(other) for other in allowed if other == found)
