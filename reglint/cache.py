"""What the last runs said, for as long as nothing they looked at has changed.

Two levels, both JSON (never anything that can execute), each file replaced in one step, so that concurrent runs, crashes
and truncation leave a cache that is whole or ignored:

run-*.json     the output of one command line, with every file and directory it depended on. A run in which none of them
               changed repeats the output without importing the reader: a look at times and sizes, contents only where
               those differ (a fresh checkout).
units-*.json   the outlines of files and the outcomes of single tasks, by content. When one file changes, what did not look
               into it is taken from here.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # a repeated run is over before these would have been imported; so would dataclasses
    from collections.abc import Iterable
    from typing import Any

FOLDER = ".reglint_cache"
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This directory is a cache of reglint; it can be deleted at any time.\n"
_RACY = 2_000_000_000  # nanoseconds: a file changed this shortly before it was recorded may change again within one tick of its clock
# What a command line may hold to be repeated. Everything else writes files, reads standard input or asks another program.
_FLAGS = frozenset({"check", "--isolated", "-q", "--quiet", "--exit-zero", "--statistics", "--force-exclude", "--no-force-exclude"})
_FLAGS_TOO = frozenset({"--respect-gitignore", "--no-respect-gitignore"})
_OPTIONS = frozenset(
    "--select --ignore --extend-select --exclude --extend-exclude --fail-on --output-format --jobs -j --target-version --cache-dir "
    "--color".split()
)
# What output may depend on besides the files: colours, widths, and where a host has put the repository.
_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR")
_COMMANDS = frozenset({"formula", "probe", "rule", "rules", "config", "baseline", "lsp"})


class Inputs:
    """What a run depended on, by absolute path, and what it printed. `contents`: of the files it has read, in short."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.contents: dict[str, str] = {}
        self.printed: list[bytes] = []
        self.began = time.time_ns()
        self.valid = True

    def looked_for(self, paths: Iterable[str]) -> None:
        """Files or folders whose being there (or not) mattered: the nearest folder that exists tells."""
        for path in paths:
            folder = os.path.dirname(path.rstrip("/"))
            while folder not in self.folders and not os.path.isdir(folder):
                folder = os.path.dirname(folder)
            self.folders.add(folder)


class Recorder:
    """The inputs of the run under way; None where nothing is recorded."""

    inputs: Inputs | None = None


def directory_of(argv: Iterable[str]) -> str:
    """Where the cache is: --cache-dir, REGLINT_CACHE_DIR, or .reglint_cache in the current directory."""
    words = list(argv)
    for at, word in enumerate(words):
        if word.startswith("--cache-dir="):
            return os.path.abspath(word.partition("=")[2])
        if word == "--cache-dir" and at + 1 < len(words):
            return os.path.abspath(words[at + 1])
    return os.path.abspath(os.environ.get("REGLINT_CACHE_DIR") or FOLDER)


def is_repeatable(argv: list[str]) -> bool:
    """May the output of this command line be kept?"""
    at = 0
    while at < len(argv):
        word = argv[at]
        if word.startswith("-"):
            name, equals, _ = word.partition("=")
            if name in _OPTIONS:
                at += 0 if equals else 1
            elif word not in _FLAGS and word not in _FLAGS_TOO:
                return False
        elif word in _COMMANDS:
            return False
        at += 1
    return True


def run_file(argv: list[str]) -> str:
    """The file that holds what this command line printed, in this environment, from this directory."""
    environment = [os.environ.get(name, "") for name in _VARIABLES]
    terminals = [stream.isatty() for stream in (sys.stdout, sys.stderr)]
    key = json.dumps([argv, environment, terminals, code_stamp()])
    return os.path.join(directory_of(argv), f"run-{hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()}.json")


def code_stamp() -> str:
    """Changes whenever the installed reglint does."""
    found = [sys.version]
    pending = [os.path.dirname(os.path.abspath(__file__))]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append(f"{entry.name} {status.st_mtime_ns} {status.st_size}")
                elif entry.is_dir(follow_symlinks=False) and entry.name not in ("__pycache__", "_rules"):
                    pending.append(entry.path)
    return hashlib.sha1("\n".join(sorted(found)).encode(), usedforsecurity=False).hexdigest()


def digest(path: str) -> str:
    """The content of a file in short; empty where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha1(file.read(), usedforsecurity=False).hexdigest()
    except OSError:
        return ""


def listing(folder: str) -> str:
    """The names in a folder that can matter, in short."""
    try:
        with os.scandir(folder) as entries:
            names = [f"{e.name}/" if e.is_dir() else e.name for e in entries if e.name != "__pycache__" and not e.name.endswith("_cache")]
    except OSError:
        return ""
    return hashlib.sha1("\n".join(sorted(names)).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _status(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, -1
    return status.st_mtime_ns, status.st_size


def repeat(argv: list[str]) -> tuple[bytes, int] | None:
    """What this command line printed last time and its exit code; None where something changed since."""
    path = run_file(argv)
    record = read(path)
    if record is None:
        return None
    try:
        output, code = str(record["output"]).encode("utf-8", "surrogateescape"), int(record["code"])
        changed = _check(record["files"], digest, record["written"]) + _check(record["folders"], listing, record["written"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # not one of ours, or damaged
    if changed < 0:
        return None
    if changed:
        record["written"] = time.time_ns()
        write(path, record)
    return output, code


def _check(table: dict[str, Any], content: Any, written: int) -> int:
    """How many entries had to be looked into; far below 0 where one is another one now."""
    looked = 0
    stat = os.stat
    for path, known in table.items():
        modified, size, short = known
        try:
            status = stat(path)
            now = (status.st_mtime_ns, status.st_size)
        except OSError:
            now = (0, -1)
        if now[0] == modified and now[1] == size and modified < written - _RACY:
            continue
        if content(path) != short:
            return -1_000_000_000
        known[0], known[1] = now
        looked += now != (0, -1)
    return looked


def _settled(path: str, inputs: Inputs) -> tuple[int, int]:
    """Time and size of a file; a time that means nothing where it may have been written while it was read."""
    modified, size = _status(path)
    return (modified if modified < inputs.began - _RACY else 0), size


def keep_run(argv: list[str], inputs: Inputs, code: int) -> None:
    """Write down what a run printed and what it depended on."""
    working = os.getcwd() + os.sep
    # Relative paths: a cache that is brought into another checkout, as in CI, holds there as well.
    short = {path: path.removeprefix(working) if path + os.sep != working else "." for path in (*inputs.files, *inputs.folders)}
    record = {
        "written": time.time_ns(),
        "output": b"".join(inputs.printed).decode("utf-8", "surrogateescape"),
        "code": code,
        "files": {short[path]: [*_settled(path, inputs), inputs.contents.get(path) or digest(path)] for path in sorted(inputs.files)},
        "folders": {short[path]: [*_settled(path, inputs), listing(path)] for path in sorted(inputs.folders)},
    }
    write(run_file(argv), record)


def read(path: str) -> dict[str, Any] | None:
    """The content of a cache file; None where it is missing or damaged."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write(path: str, record: dict[str, Any] | bytes) -> None:
    """Replace a cache file in one step; a cache that cannot be written is none."""
    folder = os.path.dirname(path)
    part = f"{path}.{os.getpid()}"
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", TAG)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
        with open(part, "wb") as file:
            file.write(record if isinstance(record, bytes) else json.dumps(record, separators=(",", ":")).encode())
        os.replace(part, path)
    except (OSError, ValueError):
        if os.path.exists(part):
            os.unlink(part)
