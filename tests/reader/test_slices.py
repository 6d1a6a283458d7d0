"""Modules that are imported are cut at their margin: the pieces are what the parser sees, and a wrong cut is noticed."""

from __future__ import annotations

import ast

import pytest

from reglint.errors import SourceError
from reglint.reader import slices
from reglint.reader.tree import parse
from reglint.source import SourceFile

PLAIN = '''\
"""Docstring."""
import torch


@torch.no_grad()
@other(
    1,
)
def decorated(
    x,
) -> int:
    """Text
    of several rows."""
    return x


RATE = 0.1
class Model(torch.nn.Module):
    def forward(self, x):
        def inner():
            pass
        return x
# a comment at the margin

    def after_it(self):
        return 1
async def wait(): pass
if RATE:
    def conditional(): return 2
for i in range(3):
    pass
'''
TABS = "def f():\n\treturn 1\n\n\ndef g():\n\treturn (\n\t\t1\n)\nx = f()\n"
NON_ASCII = "é = 1\ndef ü():\n    return 'ö'\n"


def dumped(nodes: list[ast.stmt]) -> list[str]:
    return [ast.dump(node, include_attributes=True) for node in nodes]


@pytest.mark.parametrize("text", [PLAIN, TABS, NON_ASCII, "", "x = 1", "def f(): pass", "\n\n# nothing\n"])
def test_the_pieces_are_the_nodes_of_the_whole(text: str) -> None:
    """Same nodes at the same places, definitions and the rest."""
    source = SourceFile.of("a.py", "/a.py", text)
    found = slices.cut(source)
    assert found is not None
    definitions, others = found
    whole = parse(source).body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert dumped([one.node() for one in definitions]) == dumped([node for node in whole if isinstance(node, kinds)])
    assert dumped(others) == dumped([node for node in whole if not isinstance(node, kinds)])
    assert [one.name for one in definitions] == [node.name for node in whole if isinstance(node, kinds)]


@pytest.mark.parametrize(
    "text",
    [
        'TEXT = """\ndef not_one():\n    pass\n"""\n',  # in quotes
        "def f():\n    '''\nclass Text:\n    '''\n    return 1\n",  # in the docstring of a function
        "def f():\n    return (\n1)\n",  # goes on at the margin
        "x = (\n",
        "def f(:\n    pass\nx = ]\n",
    ],
)
def test_what_cannot_be_cut_is_left_whole(text: str) -> None:
    """None, or a definition that says it is none when it is asked for."""
    found = slices.cut(SourceFile.of("a.py", "/a.py", text))
    if found is not None:
        for _ in range(2):  # what is none stays none
            with pytest.raises(SourceError):
                for one in found[0]:
                    one.node()
