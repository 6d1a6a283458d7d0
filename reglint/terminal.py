"""What reaches the terminal: colour or not, standard output or a file, notes and progress on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

import click

from reglint.cache import Recorder
from reglint.errors import UsageError

_SHOW_AFTER = 1.0  # seconds: shorter runs need no progress


def use_colour(choice: str, environment: Mapping[str, str], stream: TextIO) -> bool:
    """always and never decide; else NO_COLOR, FORCE_COLOR, and whether the stream is a terminal, in this order."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    forced = environment.get("FORCE_COLOR")
    if forced:
        return forced != "0"
    return stream.isatty() and environment.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Printer:
    """Writes reports to standard output or to a file, and notes to standard error."""

    output_file: str | None
    colour: bool
    quiet: bool
    verbose: bool

    def write(self, text: str) -> None:
        """Write a report, in UTF-8 whatever the terminal's encoding. Raises UsageError where the file cannot be written."""
        data = text.encode("utf-8", "replace")
        if self.output_file is None:
            if Recorder.inputs is not None:
                Recorder.inputs.printed.append(data)
            try:
                sys.stdout.flush()
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            except BrokenPipeError:
                ignore_output()
            return
        try:
            with open(self.output_file, "wb") as file:
                file.write(data)
        except OSError as error:
            raise UsageError(f"cannot write {self.output_file}: {(error.strerror or str(error)).lower()}") from error

    def write_bytes(self, data: bytes) -> None:
        """Write a file as it is to standard output."""
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            ignore_output()

    def say(self, text: str) -> None:
        """A line on standard error, unless --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def note(self, text: str) -> None:
        """A line for --verbose."""
        if self.verbose:
            click.echo(f"reglint: {text}", err=True)


@contextlib.contextmanager
def progress_line(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A counter on standard error for runs of more than a second on a terminal, wiped when done."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    began = last = time.monotonic()
    shown = False

    def show(done: int, total: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if now - began < _SHOW_AFTER or now - last < 0.1:
            return
        last, shown = now, True
        sys.stderr.write(f"\rreading {done}/{total}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r" + " " * 40 + "\r")
            sys.stderr.flush()


def ignore_output() -> None:
    """Nobody reads standard output any more: let what is still buffered vanish, so that the exit code remains ours."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
