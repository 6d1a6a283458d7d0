"""The project as it was at the point where a change began: taken from git, without touching the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from reglint.errors import UsageError

# What the reader looks at: code, and the configuration files that code loads.
_ENDINGS = (".py", ".ipynb", ".yaml", ".yml", ".json", ".toml", ".cfg", ".ini")
_OURS = ("pyproject.toml", "reglint.toml", ".gitignore")
_LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class Base:
    """A copy of an earlier state: `directory` stands for the working directory, `paths` for what was asked for."""

    directory: str
    paths: tuple[str, ...]


@contextmanager
def base_of(revision: str, working: str, paths: Iterable[str]) -> Iterator[Base]:
    """The state the change from `revision` began at, in a temporary directory. Raises UsageError where git cannot tell.

    The settings are those of today on both sides, so that a rule that was switched on just now is not blamed on the change.
    """
    top = os.path.realpath(_git(working, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
    start = _merge_base(revision, working)
    inside = [_inside(os.path.realpath(os.path.join(working, path)), path, top) for path in paths]
    with TemporaryDirectory(prefix="reglint-") as folder:
        copy = os.path.realpath(folder)
        _copy_files(start, top, copy)
        _copy_settings(top, copy)
        directory = os.path.join(copy, os.path.relpath(working, top))
        os.makedirs(directory, exist_ok=True)
        wanted = [*inside, *_old_names(start, top, inside)]
        absolute = dict.fromkeys(os.path.normpath(os.path.join(copy, path)) for path in wanted)
        yield Base(os.path.normpath(directory), tuple(path for path in absolute if os.path.exists(path)))


def _merge_base(revision: str, working: str) -> str:
    """Where the change began: what others have put into `revision` since is none of its doing."""
    if not revision.strip():
        raise UsageError("--diff-base needs a revision, such as origin/main")
    shallow = _git(working, "rev-parse", "--is-shallow-repository").strip() == b"true"
    hint = "; this clone is shallow: fetch the history (git fetch --unshallow, or fetch-depth: 0 in GitHub Actions)" if shallow else ""
    try:
        found = _git(working, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except UsageError as error:
        raise UsageError(f"--diff-base: git knows no revision {revision}{hint}") from error
    try:
        return _git(working, "merge-base", found, "HEAD").decode().strip()
    except UsageError as error:
        raise UsageError(f"--diff-base: {revision} and HEAD have no commit in common{hint}") from error


def _inside(absolute: str, path: str, top: str) -> str:
    if absolute != top and not absolute.startswith(top.rstrip(os.sep) + os.sep):
        raise UsageError(f"--diff-base: {path} is not inside the repository {top}")
    return os.path.relpath(absolute, top)


def _copy_files(commit: str, top: str, copy: str) -> None:
    listing = _git(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit).decode("utf-8", "surrogateescape")
    entries: list[tuple[str, str]] = []
    for entry in filter(None, listing.split("\0")):
        about, _, path = entry.partition("\t")
        mode, _, blob, size = about.split()
        if mode.startswith("100") and path.endswith(_ENDINGS) and int(size) <= _LARGEST:  # no links, no submodules
            entries.append((blob, path))
    out = _git(top, "cat-file", "--batch", data="".join(f"{blob}\n" for blob, _ in entries).encode())
    at = 0
    for _, path in entries:
        header_end = out.index(b"\n", at)
        length = int(out[at:header_end].split()[-1])
        target = os.path.join(copy, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(out[header_end + 1 : header_end + 1 + length])
        at = header_end + 1 + length + 1


def _copy_settings(top: str, copy: str) -> None:
    """Today's settings in place of those of then."""
    for folder, _, files in os.walk(copy):
        for name in set(files) & set(_OURS):
            os.unlink(os.path.join(folder, name))
        for name in _OURS:
            today = os.path.join(top, os.path.relpath(folder, copy), name)
            if os.path.isfile(today):
                shutil.copyfile(today, os.path.join(folder, name))


def _old_names(commit: str, top: str, inside: Iterable[str]) -> list[str]:
    """What files that are among the asked ones today were called then, where they were renamed."""
    words = _git(top, "diff", "--name-status", "-z", "-M", "--diff-filter=R", commit).decode("utf-8", "surrogateescape").split("\0")
    asked = list(inside)
    return [
        old
        for old, new in zip(words[1::3], words[2::3], strict=False)
        if any(path == "." or new == path or new.startswith(path + "/") for path in asked)
    ]


def _git(directory: str, *arguments: str, data: bytes | None = None) -> bytes:
    """What git prints. Raises UsageError with its last words."""
    command = ["git", "-C", directory, "-c", "core.quotepath=off", *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UsageError("--diff-base needs git, which is not installed") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"--diff-base: {said[-1].removeprefix('fatal: ') if said else 'git failed'}")
    return done.stdout
