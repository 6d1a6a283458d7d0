"""RGL411: a training loop runs over a DataLoader that does not shuffle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.loading import trained_on
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import Trace
from reglint.step.values import Const, Expr, Value, alternatives, number

WHOLE = 10_000  # a batch of this size is taken for the whole set
MAPPED = re.compile(r"torchvision\.datasets\.|torch\.utils\.data\.(TensorDataset|Subset|ConcatDataset|random_split)|torchaudio\.datasets\.")
ORDERED = re.compile(r"time|series|sequen|forecast|stream|iter|lm|text|corpus|chunk|window", re.IGNORECASE)


@rule("RGL411", "unshuffled-training-data", Level.NOTE, "the training data comes in the same order in every epoch", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Neither shuffle nor a sampler is given, and the data set is one that is indexed."""
    seen: set[Span] = set()
    for loader, _, loop in trained_on(trace):
        given = loader.keywords
        if loader.extra or loader.place.span in seen or "shuffle" in given or not _is_none(given.get("sampler")) or "batch_sampler" in given:
            continue  # shuffled or sampled, perhaps by options that are not known; `shuffle=False` is a decision
        size = number(given["batch_size"]) if "batch_size" in given else None
        if not _is_indexed(given.get("dataset")) or (size is not None and size >= WHOLE):
            continue  # a data set that yields its items itself or is not known; or all of it in one batch
        seen.add(loader.place.span)
        message = "the training data is not shuffled: shuffle= defaults to False"
        yield rule.finding(loader.place.span, message, related=[Related("trained on here", loop.place.span)], help="shuffle=True, or a sampler")


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.value is None)


def _is_indexed(dataset: Value | None) -> bool:
    if dataset is None:
        return False
    for one in alternatives(dataset):
        if isinstance(one, Expr) and one.op == "getitem" and one.args:
            one = one.args[0]
        cls = getattr(one, "cls", None)
        if cls is not None:
            if "__getitem__" not in cls.attrs or "__iter__" in cls.attrs or ORDERED.search(cls.name):
                return False
        elif not (isinstance(one, Expr) and MAPPED.search(one.name)):
            return False
    return True
