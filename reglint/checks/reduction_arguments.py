"""Evidence for RGL201 and RGL202: the retired flags `size_average` and `reduce` of torch's losses, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reglint.findings import Edit, Fix, Safety
from reglint.knowledge.losses import LEGACY_REDUCTION, REDUCTIONS, REFUSES_LEGACY_WORDS, LossFact, loss, reduction_of
from reglint.reader.written import Written, WrittenCall, written_call
from reglint.source import Place, Span
from reglint.step.trace import LibraryCall, Mentioned, Trace
from reglint.step.values import Const

FLAGS = ("size_average", "reduce")


@dataclass(frozen=True, slots=True)
class Flagged:
    """A loss that is given retired flags. `means`: the reduction they stand for; `word`: what `reduction` says, "" where it does not."""

    place: Place
    fact: LossFact
    flags: dict[str, bool | None]
    means: str
    word: str
    fixed: bool

    @property
    def refused(self) -> bool:
        """Does torch raise ValueError for what is given, instead of a warning?"""
        return not self.flags and self.fact.name in REFUSES_LEGACY_WORDS

    @property
    def shown(self) -> str:
        """The flags as one writes them: `size_average=False, reduce=True`."""
        return ", ".join(f"{name}={value}" for name, value in self.flags.items())


def flagged(trace: Trace) -> Iterator[Flagged]:
    """Every loss of torch that is given a retired flag, or the retired word for a mean."""
    for call in trace.of(LibraryCall, Mentioned):
        assert isinstance(call, (LibraryCall, Mentioned))
        fact = loss(call.name)
        if fact is None or not fact.legacy:
            continue
        flags: dict[str, bool | None] = {}
        known = True
        for name in FLAGS:
            value = call.keywords.get(name)
            if value is None:
                continue
            if isinstance(value, Const) and (value.value is None or isinstance(value.value, bool)):
                flags[name] = value.value
            else:
                known = False  # a flag that is passed on: there is no word to replace it by
        given = call.keywords.get("reduction")
        word = given.value if isinstance(given, Const) and isinstance(given.value, str) and not given.adjustable else ""
        if not known:
            continue
        if any(value is not None for value in flags.values()):
            means = reduction_of(flags.get("size_average"), flags.get("reduce"))
            unclear = given is not None and not word
            yield Flagged(call.place, fact, flags, means, LEGACY_REDUCTION.get(word, word), not unclear)
        elif word in LEGACY_REDUCTION:
            yield Flagged(call.place, fact, {}, LEGACY_REDUCTION[word], word, True)


def modern(found: Flagged) -> Fix | None:
    """`reduction=` in place of the flags; None unless every flag is written out in the call."""
    call = written_call(found.place)
    if call is None or not found.fixed:
        return None
    edits = tuple(_edits(call, found)) if found.flags else tuple(_new_word(call, found))
    if not edits or any("#" in _between(found.place, edit.span) for edit in edits):
        return None  # a flag that is a variable, or a comment in the way
    # Where torch refuses the word there are no numbers that could stay the same.
    return Fix(f'write reduction="{found.means}"', Safety.UNSAFE if found.refused else Safety.SAFE, edits)


def _new_word(call: WrittenCall, found: Flagged) -> Iterator[Edit]:
    word = call.named("reduction", found.fact.signature.position("reduction"))
    if word is not None and word.text.strip("\"'") == found.word:
        yield Edit(word.value, f'"{found.means}"')


def _edits(call: WrittenCall, found: Flagged) -> Iterator[Edit]:
    signature = found.fact.signature
    flags = [one for name in FLAGS if (one := call.named(name, signature.position(name))) is not None]
    if len(flags) != len(found.flags) or any(one.text not in ("True", "False", "None") for one in flags):
        return
    word = call.named("reduction", signature.position("reduction"))
    if word is not None and (word.text.strip("\"'") not in REDUCTIONS or word.position is not None):
        return
    first = min(flags, key=lambda one: call.arguments.index(one))
    moved = first.position is not None
    for index, one in enumerate(call.arguments):
        if one is first and word is None:
            yield Edit(one.span, f'reduction="{found.means}"')
        elif one in flags:
            leads = word is not None and all(other in flags for other in call.arguments[:index])
            yield Edit(_with_comma(call.arguments, index, leads), "")
        elif moved and one.position is not None and first.position is not None and one.position > first.position:
            # An argument by position cannot follow one by name.
            name = signature.at(one.position)
            if name is not None:
                start = one.span
                yield Edit(Span(start.path, start.row, start.column, start.row, start.column, start.cell), f"{name.name}=")


def _with_comma(arguments: tuple[Written, ...], index: int, leads: bool) -> Span:
    """An argument with the comma that goes with it: the one before it, or after it where nothing that stays is before it (`leads`)."""
    here = arguments[index].span
    if not leads:
        before = arguments[index - 1].span
        return Span(here.path, before.end_row, before.end_column, here.end_row, here.end_column, here.cell)
    after = arguments[index + 1].span
    return Span(here.path, here.row, here.column, after.row, after.column, here.cell)


def _between(place: Place, span: Span) -> str:
    first = place.source.text_row(span)
    return "\n".join(place.source.lines[first - 1 : first + span.end_row - span.row]) if span.end_row > span.row else ""
