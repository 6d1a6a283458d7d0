"""Settings: `[tool.reglint]` in pyproject.toml, or reglint.toml; the file closest to the linted file wins.

select = ["ALL"]                 codes, prefixes (RGL1), names (double-l2), levels (error), ALL
extend-select, ignore            the same
per-file-ignores = {"tests/**" = ["RGL102"]}
exclude, extend-exclude          patterns as in .gitignore, relative to the file they stand in
force-exclude, respect-gitignore true or false
extend = "../reglint.toml"       start from another file
fail-on = "warning"              error, warning, note or never
output-format = "full"
target-torch = "2.13"            the torch release the code is written for
jobs, baseline, cache-dir
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from reglint.cache import Recorder
from reglint.errors import ConfigError

DEFAULT_EXCLUDE = (
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".eggs", ".direnv", "*.egg-info", "build", "dist", "node_modules",
    "__pycache__", "__pypackages__", "site-packages", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".reglint_cache",
    ".ipynb_checkpoints", "wandb",
)  # fmt: skip
FAIL_ON = ("error", "warning", "note", "never")
OUTPUT_FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings that a file or the command line can give. `root` is what patterns are relative to; empty `select` = default rules.

    `files` are the configuration files that had a say, the closest first.
    """

    root: str
    files: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    fail_on: str = "warning"
    output_format: str = "full"
    target_torch: str | None = None
    baseline: str | None = None
    jobs: int = 0
    cache: bool = True
    cache_dir: str | None = None

    def shown(self) -> dict[str, Any]:
        """The settings as `reglint config` prints them: names as in the file, tuples as lists."""
        return {name.replace("_", "-"): _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: list(codes) for key, codes in value.items()} if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says; None and empty mean it says nothing. `config` replaces the search, `isolated` ends it."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    config: str | None = None
    isolated: bool = False


class Resolver:
    """Finds the settings for a directory: the nearest configuration file upward, under the command line. Remembers each answer."""

    def __init__(self, overrides: Overrides, working_directory: str) -> None:
        self.overrides = overrides
        self.working_directory = working_directory
        self._known: dict[str, Config] = {}
        self._fixed: Config | None = None
        if overrides.isolated or overrides.config:
            base = load(os.path.join(working_directory, overrides.config)) if overrides.config else Config(working_directory)
            self._fixed = apply(base, overrides.settings)

    def at(self, directory: str) -> Config:
        """The settings for files in an absolute directory. Raises ConfigError."""
        if self._fixed is not None:
            return self._fixed
        found = self._known.get(directory)
        if found is None:
            path = config_file_in(directory)
            parent = os.path.dirname(directory)
            if path is not None:
                found = apply(load(path), self.overrides.settings)
            elif parent != directory:
                found = self.at(parent)
            else:
                found = apply(Config(self.working_directory), self.overrides.settings)
            self._known[directory] = found
        return found


def config_file_in(directory: str) -> str | None:
    """reglint.toml, or pyproject.toml if it has a [tool.reglint] table, or None."""
    own = os.path.join(directory, "reglint.toml")
    if os.path.isfile(own):
        return own
    shared = os.path.join(directory, "pyproject.toml")
    if Recorder.inputs is not None:
        Recorder.inputs.files.update((own, shared))
    try:
        with open(shared, "rb") as file:
            mentioned = b"reglint" in file.read()
    except OSError:
        return None  # no such file, or none of ours to read
    return shared if mentioned and _table(shared) is not None else None


def load(path: str, seen: tuple[str, ...] = ()) -> Config:
    """The settings of one configuration file on top of those it extends. Raises ConfigError."""
    path = os.path.normpath(path)
    if Recorder.inputs is not None:
        Recorder.inputs.files.add(path)
    if path in seen:
        raise ConfigError(f"{path}: extends itself through {' -> '.join(seen)}")
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: has no [tool.reglint] table")
    root = os.path.dirname(path)
    base = Config(root)
    if "extend" in table:
        base = replace(load(os.path.join(root, os.path.expanduser(_text(path, "extend", table.pop("extend")))), (*seen, path)), root=root)
    settings = {}
    for key, value in table.items():
        reader = _READERS.get(key.replace("_", "-"))
        if reader is None:
            raise ConfigError(f"{path}: unknown key `{key}`{did_you_mean(key, (*_READERS, 'extend'))}")
        settings[key.replace("-", "_")] = reader(path, key, value)
    return replace(apply(base, settings), files=(path, *base.files))


def apply(base: Config, settings: Mapping[str, Any]) -> Config:
    """Put settings on top of others: `select` starts afresh, `ignore` and the `extend-` lists add."""
    known = {f.name for f in fields(Config)}
    new = {key: value for key, value in settings.items() if value is not None and value != () and key in known}
    select_anew = "select" in new
    for key in ("extend_select", "ignore", "extend_exclude"):
        kept = () if select_anew and key in ("extend_select", "ignore") else getattr(base, key)
        new[key] = tuple(dict.fromkeys((*kept, *new.get(key, ()))))
    if "per_file_ignores" in new:
        new["per_file_ignores"] = {**base.per_file_ignores, **new["per_file_ignores"]}
    return replace(base, **new)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean `select`?`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _table(path: str) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if os.path.basename(path) != "pyproject.toml":
        return data
    table = data.get("tool", {}).get("reglint")
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.reglint must be a table")
    return table


Reader = Callable[[str, str, Any], Any]


def _text(path: str, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{path}: `{key}` must be a string, not {value!r}")
    return value


def _texts(path: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{path}: `{key}` must be a list of strings, not {value!r}")
    return tuple(value)


def _flag(path: str, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{path}: `{key}` must be true or false, not {value!r}")
    return value


def _count(path: str, key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{path}: `{key}` must be a whole number, not {value!r}")
    return value


def _per_file(path: str, key: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: `{key}` must be a table of pattern = [rules], not {value!r}")
    return {pattern: _texts(path, f"{key}.{pattern}", rules) for pattern, rules in value.items()}


def _version(path: str, key: str, value: Any) -> str:
    if not re.fullmatch(r"\d+(\.\d+){1,2}", _text(path, key, value)):
        raise ConfigError(f'{path}: `{key}` must be a torch release such as "2.13", not {value!r}')
    return str(value)


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(path: str, key: str, value: Any) -> str:
        if value not in choices:
            raise ConfigError(f"{path}: `{key}` must be one of {', '.join(choices)}, not {value!r}{did_you_mean(str(value), choices)}")
        return str(value)

    return read


def _below(path: str, key: str, value: Any) -> str:
    return os.path.join(os.path.dirname(path), _text(path, key, value))


_READERS: dict[str, Reader] = {
    "select": _texts,
    "extend-select": _texts,
    "ignore": _texts,
    "per-file-ignores": _per_file,
    "exclude": _texts,
    "extend-exclude": _texts,
    "force-exclude": _flag,
    "respect-gitignore": _flag,
    "fail-on": _one_of(FAIL_ON),
    "output-format": _one_of(OUTPUT_FORMATS),
    "target-torch": _version,
    "baseline": _below,
    "jobs": _count,
    "cache-dir": _below,
}
