"""Which files a run looks at: paths, exclusions, .gitignore files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from reglint.cache import Recorder
from reglint.config import Config, Resolver
from reglint.errors import UsageError
from reglint.loading import shown_path
from reglint.patterns import Patterns, read_patterns

_ENDINGS = (".py", ".ipynb")
Ignore = tuple[str, Patterns]  # a directory and the patterns that hold below it


@dataclass(frozen=True, slots=True)
class Target:
    """A file to look at: `path` as shown, `absolute` as opened; `named` if it stood on the command line itself."""

    path: str
    absolute: str
    named: bool = False


def discover(paths: Iterable[str], resolver: Resolver) -> tuple[Target, ...]:
    """Every file the paths stand for, without duplicates, sorted as shown. Raises UsageError for a path that does not exist."""
    working = resolver.working_directory
    found: dict[str, Target] = {}
    for path in paths:
        absolute = os.path.normpath(os.path.join(working, path))
        if os.path.isdir(absolute):
            for file in walk(absolute, resolver):
                found.setdefault(file, Target(shown_path(file, working), file))
        elif os.path.lexists(absolute):
            config = resolver.at(os.path.dirname(absolute))
            if config.force_exclude and _excluded(absolute, config):
                continue  # pre-commit names files one by one: exclusions are to hold all the same
            found[absolute] = Target(shown_path(absolute, working), absolute, named=True)
        else:
            raise UsageError(f"no such file or directory: {path}")
    return tuple(sorted(found.values(), key=lambda target: target.path))


def _excluded(absolute: str, config: Config) -> bool:
    return any(p.matches(config.root, absolute) for p in (_patterns(config.exclude), _patterns(config.extend_exclude)))


@cache
def _patterns(lines: tuple[str, ...]) -> Patterns:
    return Patterns(lines)


def walk(start: str, resolver: Resolver) -> Iterator[str]:
    """Source files below a directory, in order; links to directories are not followed, so there are no loops.

    The directory was named, so patterns that match itself do not hold for what is in it.
    """
    respect = resolver.at(start).respect_gitignore
    ignores = [ignore for ignore in _git_ignores(start) if not _ignored(start, (ignore,), True)] if respect else []
    pending: list[tuple[str, tuple[Ignore, ...]]] = [(start, tuple(ignores))]
    while pending:
        directory, above = pending.pop()
        config = resolver.at(directory)
        try:
            if Recorder.inputs is not None:
                Recorder.inputs.folders.add(directory)
            with os.scandir(directory) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue  # a directory that may not be read: nothing of it is named, so nothing is promised
        own = read_patterns(os.path.join(directory, ".gitignore")) if respect and directory != start else None
        here = (*above, (directory, own)) if own else above
        excludes = _excludes(config, start)
        subdirectories = []
        for entry in entries:
            is_directory = entry.is_dir(follow_symlinks=False)
            if not is_directory and not entry.name.endswith(_ENDINGS):
                continue
            if not is_directory and not entry.is_file():
                continue  # a broken link, a link to a directory, a pipe
            if _matched(entry.path, excludes, is_directory) or _ignored(entry.path, here, is_directory):
                continue
            if is_directory:
                subdirectories.append((entry.path, here))
            else:
                yield entry.path
        pending += reversed(subdirectories)


def _excludes(config: Config, start: str) -> tuple[Ignore, ...]:
    """The exclusions of a configuration; those that match the starting directory itself are taken relative to it."""
    return tuple(
        (start if _below(start, config.root) and lines.matches(config.root, start, directory=True) else config.root, lines)
        for lines in (_patterns(config.exclude), _patterns(config.extend_exclude))
        if lines.lines
    )


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _matched(path: str, excludes: tuple[Ignore, ...], directory: bool) -> bool:
    return any(lines.matches(root if _below(path, root) else os.path.dirname(path), path, directory=directory) for root, lines in excludes)


def _ignored(path: str, ignores: tuple[Ignore, ...], directory: bool) -> bool:
    for root, lines in reversed(ignores):
        verdict = lines.verdict(root, path, directory=directory)
        if verdict is not None:
            return verdict  # the closest .gitignore that mentions the path decides
    return False


def _git_ignores(start: str) -> list[Ignore]:
    """.git/info/exclude and the .gitignore files from the repository's top down to `start`; outside a repository only its own."""
    chain = [start]
    while not os.path.lexists(os.path.join(chain[-1], ".git")):
        parent = os.path.dirname(chain[-1])
        if parent == chain[-1]:
            chain = [start]  # no repository: .gitignore files above are none of ours
            break
        chain.append(parent)
    top = chain[-1]
    candidates = [(top, os.path.join(top, ".git", "info", "exclude"))]
    candidates += [(directory, os.path.join(directory, ".gitignore")) for directory in reversed(chain)]
    return [(directory, lines) for directory, path in candidates if (lines := read_patterns(path)) is not None]
