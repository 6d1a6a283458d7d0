"""The table of handlers: canonical library names to functions that evaluate a call of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reglint.reader.domain import Arguments
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Value

Handler: TypeAlias = Callable[[Machine, str, Arguments, Place], Value]
HANDLERS: dict[str, Handler] = {}


def handles(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler for calls of these names."""

    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return register


def bound(args: Arguments, names: tuple[str, ...]) -> dict[str, Value]:
    """Positional and keyword arguments by parameter name."""
    found = dict(zip(names, args.positional, strict=False))
    found.update(args.keywords)
    return found
