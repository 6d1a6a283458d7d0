"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reglint.config import Overrides
from reglint.engine import Request, check
from reglint.findings import Report
from tests.fakes import FAKE_RULES, FakeProject


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with no word from the environment about colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Path(os.path.realpath(tmp_path))


@pytest.fixture
def lint(folder: Path) -> Callable[..., Report]:
    """Check files `{name: text}` in the working directory with the fake reader and rules."""

    def run(files: dict[str, str | bytes], *paths: str, stdin: bytes | None = None, stdin_filename: str | None = None,
            seconds: float = 60.0, **settings: object) -> Report:  # fmt: skip
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        request = Request(paths or (".",), Overrides(settings), str(folder), stdin, stdin_filename, seconds)
        return check(request, rules=FAKE_RULES, make_project=FakeProject)

    return run
