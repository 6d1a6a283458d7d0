"""A first look at the text of a whole file, before anything is parsed: can something in it matter?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.reader import signs
from reglint.reader.signs import NEEDS, OWN, Sign, suffices

_WORD = re.compile(r"[^\W\d]\w*")
_FLAG_ASSIGNED = re.compile(r"\.requires_grad\s*=(?!=)(?!\s*True)")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_CLASS = re.compile(r"^(?=class\b)", re.MULTILINE)
_AT_MARGIN = re.compile(r"^(?=(?:class|def|async def)\b|@)", re.MULTILINE)
_METHOD = re.compile(r"^([ \t]+)(?:async )?def\b", re.MULTILINE)
_INNER_CLASS = re.compile(r"^[ \t]+class\b", re.MULTILINE)
_ANY_CLASS = re.compile(r"^[ \t]*(?=class\b)", re.MULTILINE)
# A line at the margin that does more than define something: the file may be a program, which counts for what it imports.
_RUNS = re.compile(r"^(?:if\b[^\n]*__name__|(?:async )?(?:for|while|with)\b|[^\W\d][\w.]*\()", re.MULTILINE)


def may_matter(text: str) -> bool:
    """Can evaluating anything in a file lead to a finding, or is it a program? Looks at the whole text at once.

    Never says no where the signs of the file's definitions would say yes: each of them shows in the whole text as well.
    """
    if _RUNS.search(text):
        return True
    words = set(_WORD.findall(text))
    found = _shapes(words, text)
    for word in words:
        found |= signs.WORDS[word]
    if found & Sign.ACTIVATION and not suffices(found & ~Sign.ACTIVATION, NEEDS) and not signs.activates(text):
        found &= ~Sign.ACTIVATION
    if suffices(found, (*NEEDS, *OWN)):
        return True
    if any(signs.of_alias(name) for name in _aliased(text)) or any(_NAMED[match[1]] for match in _DEFINED.finditer(text)):
        return True
    if any(signs.of_name(match[1]) for match in signs.LOOP.finditer(text)) or any(map(signs.of_class, _CLASS.split(text))):
        return True
    return _INNER_CLASS.search(text) is not None and any(map(signs.of_class, _ANY_CLASS.split(text)))


class _Names(dict[str, int]):
    """The signs of every name of a definition met so far."""

    def __missing__(self, name: str) -> int:
        found = self[name] = signs.of_name(name)
        return found


_NAMED = _Names()


def _shapes(words: set[str], text: str) -> int:
    """The shapes of all functions of a file at once: each sign is there if it is in one of them."""
    if "requires_grad" in text and _may_set_a_flag(text):
        return Sign.LOCAL
    layers = "ropout" in text and "def forward" in text
    if (layers or signs.shows_itself(words, text, "")) and any(signs.shows_itself(words, part, name) for name, part in _parts(text)):
        return Sign.LOCAL
    found = Sign.COUNTED | Sign.WEIGHTED | Sign.SUMMED  # few files say nothing of the kind
    if "backward" in words and signs.PASS.search(text):
        found |= Sign.BACKWARD
    if "dropout" in words:
        found |= Sign.RATE
    return found


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The functions and methods of a file and what is between them: (name, text). A part may hold more than one, but never less."""
    for chunk in _AT_MARGIN.split(text):
        inner = _METHOD.search(chunk) if chunk.startswith("class") else None
        for part in re.split(rf"^{inner[1]}(?=def\b|async def\b|@)", chunk, flags=re.MULTILINE) if inner is not None else [chunk]:
            match = _DEFINED.match(part)
            yield match[1] if match is not None else "", part


def _may_set_a_flag(text: str) -> bool:
    return _FLAG_ASSIGNED.search(text) is not None or (signs.FREEZES.search(text) is not None and signs.THAWS.search(text) is not None)


def _aliased(text: str) -> Iterator[str]:
    """What stands before an `as`."""
    at = text.find(" as ")
    while at >= 0:
        yield text[max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1 : at].lstrip("(")
        at = text.find(" as ", at + 1)
