"""What says nothing of training is evaluated for a while; what models are made of, and what leads to training, always."""

from __future__ import annotations

from typing import Any

import pytest

from reglint.reader.machine import Machine
from reglint.step.trace import Forward, OptimizerBuilt
from tests.reader.reading import Read

HEADER = "import torch\nfrom torch import nn\nfrom somewhere import settings\n"
LONG = "    total = 0\n" + "".join(f"    total = total * {i} + {i}\n" for i in range(200))  # a thousand nodes


def test_parts_of_a_model_are_built_however_long_it_takes(read: Read) -> None:
    program = f"""{HEADER}
def width():
{LONG}    return 4

def block():
    return nn.Sequential(nn.Linear(width(), 4), nn.Dropout(0.1))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(block(), block(), block(), block(), block(), block())
    def forward(self, x):
        return self.body(x)

def make():
    return Net()

model = make()
model.eval()
model.zero_grad()
model(torch.randn(2, 4))
"""
    info = read(program).of(Forward)[-1].module
    assert (info.resolved, len(info.layers)) == (True, 6)


def test_a_search_for_settings_leads_to_training(read: Read) -> None:
    program = f"""{HEADER}
def fit(lr):
    model = nn.Linear(2, 2)
    return torch.optim.SGD(model.parameters(), lr=lr)

def search(lr):
{LONG}    return fit(lr)

for lr in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]:
    search(lr)
"""
    assert len(read(program).of(OptimizerBuilt)) == 8


def spent(read: Read, monkeypatch: pytest.MonkeyPatch, calls: int) -> int:
    """Evaluated nodes of a program that prepares its data so many times."""
    made: list[Machine] = []
    start = Machine.__init__

    def watched(m: Machine, *args: Any) -> None:
        start(m, *args)
        made.append(m)

    monkeypatch.setattr(Machine, "__init__", watched)
    changing = LONG.replace("total = 0", "row.seen = total = 0")
    read(f"{HEADER}\ndef clean(row):\n{changing}    return row.text\n" + "clean(settings())\n" * calls)
    monkeypatch.undo()
    return 300_000 - made[0].budget


def test_data_is_prepared_only_so_often(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes what it is given, so that no call stands for the others."""
    few, many = spent(read, monkeypatch, 3), spent(read, monkeypatch, 40)
    assert many < few + 40 * 20
