"""reglint as a flake8 plugin, for projects with one runner: codes RGL…, findings that `reglint check` would fail on.

Settings are those of [tool.reglint]; other files of the project are read as `reglint check FILE` reads them.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence

from reglint import __version__
from reglint.config import Overrides, Resolver
from reglint.engine import Request
from reglint.errors import ReglintError
from reglint.findings import Level
from reglint.loading import encode
from reglint.runs import prepare


class Plugin:
    """What flake8 makes of every file; `tree`, `filename` and `lines` are names that flake8 knows."""

    name = "reglint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._filename = filename
        self._lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """(row from 1, column from 0, `RGL101 message`, this class) of every finding at or above `fail-on`."""
        working = os.path.realpath(os.getcwd())
        overrides = Overrides({"jobs": 1})  # flake8 spreads files over processes itself
        if os.path.isfile(self._filename):
            request = Request((self._filename,), overrides, working)
        else:
            name = self._filename if self._filename.endswith(".py") else None
            request = Request(("-",), overrides, working, encode("".join(self._lines)), name)
        try:
            config = Resolver(overrides, working).at(working)
            report = prepare(request, config).check()
        except ReglintError as error:
            yield 1, 0, f"RGL902 {error}", type(self)
            return
        limit = 0 if config.fail_on == "never" else Level(config.fail_on).rank
        for finding in report.findings:
            if finding.level.rank >= limit > 0:
                yield finding.span.row, finding.span.column - 1, f"{finding.code} {finding.message}", type(self)
