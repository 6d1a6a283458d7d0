"""RGL411: a training loop runs over a DataLoader that does not shuffle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.intent import names_in
from reglint.checks.loading import trained_on
from reglint.findings import Finding, Level, Related
from reglint.source import Place, Span
from reglint.step.trace import Trace
from reglint.step.values import ABSENT, Const, Value, alternatives, number

WHOLE = 10_000  # a batch of this size is taken for the whole set
ORDERED = re.compile(r"time|series|sequen|forecast|stream|iter|lm|text|corpus|chunk|window", re.IGNORECASE)


@rule(
    "RGL411",
    "unshuffled-training-data",
    Level.NOTE,
    "the training data comes in the same order in every epoch",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Neither shuffle nor a sampler is given, and the data set is one that is indexed."""
    seen: set[Span] = set()
    for loader, _, loop in trained_on(trace):
        given = loader.keywords
        if loader.extra or loader.place.span in seen or not _is_off(given.get("shuffle"), loader.place):
            continue  # shuffled, perhaps by options that are not known
        if not _is_none(given.get("sampler")) or "batch_sampler" in given:
            continue  # sampled
        size = number(given["batch_size"]) if "batch_size" in given else None
        if _is_in_order(given.get("dataset")) or (size is not None and size >= WHOLE):
            continue  # a data set that yields its items itself or has an order; or all of it in one batch
        seen.add(loader.place.span)
        message = f"the training data is not shuffled: shuffle= {'is' if 'shuffle' in given else 'defaults to'} False"
        if any(one is ABSENT for one in alternatives(given.get("shuffle", Const(None)))):
            message = "the training data is shuffled under a condition only: shuffle= defaults to False"
        yield rule.finding(
            loader.place.span, message, related=[Related("trained on here", loop.place.span)], help="shuffle=True, or a sampler"
        )


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.value is None)


def _is_off(shuffle: Value | None, call: Place) -> bool:
    """Not given, given on one side of a branch only, or False in the call itself: what a variable holds is for its owner to say."""
    if shuffle is None or any(one is ABSENT for one in alternatives(shuffle)):
        return True
    place = shuffle.origin.place if isinstance(shuffle, Const) and shuffle.value is False and shuffle.origin is not None else None
    first, last = call.node.lineno, call.node.end_lineno or call.node.lineno
    return place is not None and place.source is call.source and first <= place.node.lineno <= last


def _is_in_order(dataset: Value | None) -> bool:
    """An IterableDataset, or one whose name speaks of a sequence."""
    for one in alternatives(dataset) if dataset is not None else ():
        cls = getattr(one, "cls", None)
        if cls is not None and ("__iter__" in cls.attrs or ORDERED.search(cls.name)):
            return True
        if any(ORDERED.search(name) for name in names_in(one)):
            return True
    return False
