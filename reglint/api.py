"""The functions of the public API; import them from `reglint`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from reglint.config import Overrides, Resolver
from reglint.engine import Request, predict_steps
from reglint.findings import Report
from reglint.runs import prepare
from reglint.step.model import StepModel

PathLike = str | os.PathLike[str]


def check_paths(
    paths: Iterable[PathLike],
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: PathLike | None = None,
    isolated: bool = False,
    jobs: int | None = None,
    cache: bool = True,
) -> Report:
    """Check files and folders as `reglint check` does; settings left out come from the configuration files.

    `isolated` ignores those. Raises UsageError for a path that does not exist or a rule that is not known, ConfigError for
    a configuration file that cannot be understood; what is wrong with a file under analysis is in the report.
    Findings of a configured baseline are left out.
    """
    request = _request(paths, select, ignore, config, isolated, jobs, cache)
    settings = Resolver(request.overrides, request.working_directory).at(request.working_directory)
    return prepare(request, settings).check()


def predict(paths: Iterable[PathLike], *, isolated: bool = False, jobs: int | None = None) -> tuple[StepModel, ...]:
    """The training steps the reader finds in files and folders, by place; nothing is imported or run."""
    return predict_steps(_request(paths, None, None, None, isolated, jobs, True))


def _request(
    paths: Iterable[PathLike],
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    config: PathLike | None,
    isolated: bool,
    jobs: int | None,
    cache: bool,
) -> Request:
    settings = {
        "select": None if select is None else tuple(select),
        "ignore": None if ignore is None else tuple(ignore),
        "jobs": jobs,
        "cache": cache,
    }
    overrides = Overrides(settings, None if config is None else os.fspath(config), isolated)
    return Request(tuple(os.fspath(path) for path in paths), overrides, os.path.realpath(os.getcwd()))
