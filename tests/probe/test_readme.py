"""What the README shows of measuring is what happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from outputs import same_output

from reglint.dev import shown
from reglint.probe.pytest_plugin import assert_update as assert_update  # the fixture, where the plugin is not installed

README = Path(__file__).parents[2] / "README.md"


def programs() -> list[str]:
    """The Python blocks of the section on measuring: one with `watch`, one with the fixture."""
    section = README.read_text(encoding="utf-8").split("## Measuring\n")[1].split("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def test_outputs_are_those_of_today() -> None:
    """`python -m reglint.dev bless` writes them; the residuals may differ a little between processors."""
    text = README.read_text(encoding="utf-8")
    assert any(command.startswith("reglint probe") for command in shown.commands(text))
    assert same_output(text, shown.refresh([README])[README])


def test_watch(capsys: pytest.CaptureFixture[str]) -> None:
    """The program prints what its comment says."""
    program = programs()[0]
    exec(compile(program, "README.md", "exec"), {})
    assert capsys.readouterr().out == program.rpartition("# ")[2]


def test_fixture(assert_update: Callable[..., Any]) -> None:
    """The test passes."""
    names: dict[str, Any] = {}
    exec(compile(programs()[1], "README.md", "exec"), names)
    names["test_biases_are_not_decayed"](assert_update)
