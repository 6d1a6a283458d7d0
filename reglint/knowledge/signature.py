"""Signatures as text: `"lr=0.001, momentum=0, *, fused=None"` is how every table here writes the parameters of a callable."""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias


class Missing(enum.Enum):
    """The type of REQUIRED, which stands where a parameter has no default."""

    REQUIRED = "required"


REQUIRED: Final = Missing.REQUIRED
Default: TypeAlias = object  # Missing, or a literal: None, bool, int, float, str, or a tuple of these


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of a callable; `position` is None for keyword-only ones."""

    name: str
    default: Default
    position: int | None

    @property
    def required(self) -> bool:
        """Has it no default?"""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a callable, without `self`; parsed when first asked. `*` starts the keyword-only ones."""

    text: str

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All parameters, the positional ones first and in order; `*args` and `**kwargs` are left out."""
        return _parse(self.text)

    def argument(self, name: str) -> Argument | None:
        """The parameter called `name`, or None where there is none."""
        return next((a for a in self.arguments if a.name == name), None)

    def position(self, name: str) -> int | None:
        """The position of `name`, counted from 0; None for a keyword-only or absent parameter."""
        found = self.argument(name)
        return None if found is None else found.position

    def at(self, position: int) -> Argument | None:
        """The parameter that the positional argument number `position` (from 0) fills; None past the end."""
        return next((a for a in self.arguments if a.position == position), None)

    def default(self, name: str) -> Default:
        """The default of `name`; REQUIRED where it has none or does not exist (ask `argument` to tell these apart)."""
        found = self.argument(name)
        return REQUIRED if found is None else found.default

    def __contains__(self, name: object) -> bool:
        return any(a.name == name for a in self.arguments)


@cache
def _parse(text: str) -> tuple[Argument, ...]:
    function = ast.parse(f"def f({text}): ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    names = [*given.posonlyargs, *given.args]
    values: list[ast.expr | None] = [None] * (len(names) - len(given.defaults)) + list(given.defaults)
    positional = [Argument(a.arg, _default(v), i) for i, (a, v) in enumerate(zip(names, values, strict=True))]
    keyword = [Argument(a.arg, _default(v), None) for a, v in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return (*positional, *keyword)


def _default(value: ast.expr | None) -> Default:
    return REQUIRED if value is None else ast.literal_eval(value)
