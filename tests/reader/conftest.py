"""What the tests of the reader share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.reader.reading import Evaluated, Read, evaluate


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Evaluate source text, or several files `{name: text}` of which `main.py` is the program."""

    def run(files: str | Mapping[str, str], *roots: str) -> Evaluated:
        return evaluate(tmp_path, files, *roots)

    return run
