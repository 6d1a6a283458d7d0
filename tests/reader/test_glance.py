"""The first look at a file never says no where a look at its definitions would say yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reglint.errors import SourceError
from reglint.loading import load
from reglint.reader import glance
from reglint.reader.outline import outline
from reglint.reader.signs import NEEDS, OWN, suffices
from reglint.reader.tree import parse

TOP = Path(__file__).parents[2]
FOLDERS = sorted(path for path in (*(TOP / "rules").iterdir(), *(TOP / "tests" / "rules").iterdir(), TOP / "examples") if path.is_dir())


def may_lead_to_something(path: Path) -> bool | None:
    """What the outline says; None for what is no Python 3."""
    source = load(str(path), str(path))
    try:
        seen = outline(source, parse(source))
    except SourceError:
        return None
    found = 0
    for unit in seen.units.values():
        found |= unit.signs
    return seen.script or suffices(found, (*NEEDS, *OWN))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_it_never_says_no_too_early(folder: Path) -> None:
    """Over all programs of the pages, the cases and the examples."""
    programs = [path for path in folder.rglob("*.py") if may_lead_to_something(path)]
    missed = [path for path in programs if not glance.may_matter(path.read_text(encoding="utf-8", errors="replace"))]
    assert missed == []


def test_it_says_no() -> None:
    """A model file without a loss, a program or a word of training is left at that."""
    text = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.fc = nn.Linear(2, 2)\n\n    def forward(self, x):\n        return torch.relu(self.fc(x))\n"
    assert not glance.may_matter(text)
    assert glance.may_matter(text + "\n\ndef train(net, x):\n    net(x).sum().backward()\n")
