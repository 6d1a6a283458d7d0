"""A first look at the text of a whole file, before anything is parsed: can something in it matter?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.reader import shapes, words
from reglint.reader.signs import NEEDS, OWN, Sign, suffices
from reglint.reader.words import Hint

_FLAG_ASSIGNED = re.compile(r"\.requires_grad\s*=(?!=)(?!\s*True)")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_CLASS = re.compile(r"^(?=class\b)", re.MULTILINE)
_AT_MARGIN = re.compile(r"^(?=(?:class|def|async def)\b|@)", re.MULTILINE)
_METHOD = re.compile(r"^([ \t]+)(?:async )?def\b", re.MULTILINE)
_INNER_CLASS = re.compile(r"^[ \t]+class\b", re.MULTILINE)
_ANY_CLASS = re.compile(r"^[ \t]*(?=class\b)", re.MULTILINE)
# A line at the margin that does more than define something: the file may be a program, which counts for what it imports.
_RUNS = re.compile(r"^(?:if\b[^\n]*__name__|(?:async )?(?:for|while|with)\b|[^\W\d][\w.]*(?:[ \t]*\(|\[[^=\n]*\]\.\w+\())", re.MULTILINE)


def may_matter(text: str) -> bool:
    """Can evaluating anything in a file lead to a finding, or is it a program? Looks at the whole text at once.

    Never says no where the signs of the file's definitions would say yes: each of them shows in the whole text as well.
    """
    if _RUNS.search(text):
        return True
    found = words.look_up(words.in_text(text))
    found |= _shapes(found, text)
    if found & Sign.ACTIVATION and not suffices(found & ~Sign.ACTIVATION, NEEDS) and not shapes.activates(text):
        found &= ~Sign.ACTIVATION
    if suffices(found, (*NEEDS, *OWN)) or any(words.of_alias(name) for name in _aliased(text)):
        return True
    if _may_show_itself(found, text) and any(_shows_itself(name, part) for name, part in _parts(text)):
        return True
    if any(map(shapes.of_class, _CLASS.split(text))):
        return True
    return _INNER_CLASS.search(text) is not None and any(map(shapes.of_class, _ANY_CLASS.split(text)))


def _shapes(found: int, text: str) -> int:
    """The signs of all functions of a file at once: each is there if it is in one of them."""
    shown = Sign.NONE
    if found & Hint.REQUIRES_GRAD and _may_set_a_flag(text):
        shown |= Sign.LOCAL
    if found & Hint.BACKWARD and shapes.PASS.search(text):
        shown |= Sign.BACKWARD
    if found & Hint.SUM and found & Hint.ELEMENTWISE:
        shown |= Sign.SUMMED
    if found & Hint.EXP:
        shown |= Sign.WEIGHTED
    if found & Sign.LOSS and found & Hint.FOR and shapes.counts(text):
        shown |= Sign.COUNTED
    if found & Hint.RATE:
        shown |= Sign.RATE
    return shown


def _may_set_a_flag(text: str) -> bool:
    return _FLAG_ASSIGNED.search(text) is not None or (shapes.FREEZES.search(text) is not None and shapes.THAWS.search(text) is not None)


def _may_show_itself(found: int, text: str) -> bool:
    if shapes.shows_itself(found, text, "") or (found & Hint.DROPOUT and "def forward" in text and shapes.makes_dropout(text)):
        return True
    if not shapes.may_evaluate(found, text):
        return False
    return shapes.of_loops(text) != Sign.NONE or any(_NAMED[match[1]] for match in _DEFINED.finditer(text))


def _shows_itself(name: str, part: str) -> bool:
    """The same of a part of a file, which may be more than one function."""
    found = words.look_up(words.in_text(part))
    if shapes.shows_itself(found, part, name):
        return True
    evaluates = shapes.may_evaluate(found, part)
    return evaluates and (shapes.of_loops(part) != Sign.NONE or any(_NAMED[match[1]] for match in _DEFINED.finditer(part)))


class _Names(dict[str, int]):
    """The signs of every name of a definition met so far."""

    def __missing__(self, name: str) -> int:
        found = self[name] = words.of_name(name)
        return found


_NAMED = _Names()


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The functions and methods of a file and what is between them: (name, text). A part may hold more than one, but never less."""
    for chunk in _AT_MARGIN.split(text):
        inner = _METHOD.search(chunk) if chunk.startswith("class") else None
        for part in re.split(rf"^{inner[1]}(?=def\b|async def\b|@)", chunk, flags=re.MULTILINE) if inner is not None else [chunk]:
            match = _DEFINED.match(part)
            yield match[1] if match is not None else "", part


def _aliased(text: str) -> Iterator[str]:
    """What stands before an `as`."""
    at = text.find(" as ")
    while at >= 0:
        yield text[max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1 : at].lstrip("(")
        at = text.find(" as ", at + 1)
