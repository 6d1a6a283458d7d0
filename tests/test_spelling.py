"""Library names in fixes: spelled as their neighbours are, imported where they have to be."""

from __future__ import annotations

import ast

import pytest

from reglint.edits import replaced
from reglint.reader.spelling import beside
from reglint.source import Place, SourceFile


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import torch\nx = torch.optim.Adam(p)\n", "import torch\nx = torch.optim.AdamW(p)\n"),
        ("from torch import optim as o\nx = o.Adam(p)\n", "from torch import optim as o\nx = o.AdamW(p)\n"),
        ("from torch.optim import Adam\nx = Adam(p)\n", "from torch.optim import Adam, AdamW\nx = AdamW(p)\n"),
        (
            "from torch.optim import (\n    Adam,\n    SGD,\n)\nx = Adam(p)\n",
            "from torch.optim import (\n    Adam, AdamW,\n    SGD,\n)\nx = AdamW(p)\n",
        ),
        ("from torch.optim import Adam as A, SGD\nx = A(p)\n", "from torch.optim import Adam as A, AdamW, SGD\nx = AdamW(p)\n"),
        ("from torch.optim import Adam, AdamW as W\nx = Adam(p)\n", "from torch.optim import Adam, AdamW as W\nx = W(p)\n"),
        (
            "def f():\n    from torch.optim import Adam\n    x = Adam(p)\n",
            "def f():\n    from torch.optim import Adam, AdamW\n    x = AdamW(p)\n",
        ),
        ("from torch.optim import *\nx = Adam(p)\n", None),
        ("from torch.optim import Adam\nclass AdamW: ...\nx = Adam(p)\n", None),
        ("from torch.optim import Adam\nfrom other import AdamW\nx = Adam(p)\n", None),
        ("if a:\n    from b import Adam\nelse:\n    from c import Adam\nx = Adam(p)\n", None),
        ("x = optimizers['adam'](p)\n", None),
    ],
)
def test_beside(before: str, after: str | None) -> None:
    """The name of the same module, with one import where none binds it; nothing where a name may mean something else."""
    source = SourceFile.of("a.py", "/a.py", before)
    call = next(node for node in ast.walk(ast.parse(before)) if isinstance(node, ast.Call))
    edits = beside(Place(source, call), call.func, "AdamW")
    assert (None if edits is None else replaced(before, edits)) == after
