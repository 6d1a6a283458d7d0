"""Evidence for the loss rules: is a number the size of a batch, or a count of something else?"""

from __future__ import annotations

import re

from reglint.reader.written import spelled
from reglint.source import Place
from reglint.step.values import Const, Expr, Unknown, Value

BATCH_NAME = re.compile(r"(?:(?:train|mini|micro|local|n|num|cur|current)_?)?(?:batch_?(?:size|sz|len)|bsz|bs)", re.IGNORECASE)
_CASTS = frozenset({"same", "item", "float", "int", "tensor", "as_tensor", "to"})


def batch_size(value: Value) -> str:
    """How the source spells a batch size (or a number of elements); empty where the value is not shown to be one."""
    name = name_of(value)
    if BATCH_NAME.fullmatch(name):
        return name
    if not isinstance(value, Expr) or not value.args:
        return ""
    first = value.args[0]
    if value.op in _CASTS:
        return batch_size(first)
    if value.op == "mul":
        return next((f"{found} * …" for arg in value.args if (found := batch_size(arg))), "")
    of_tensor = isinstance(first, (Expr, Unknown))
    if value.op in ("numel", "nelement"):
        return _shown(value, "numel()")
    if value.op == "len" and of_tensor:
        return _shown(value, "len(…)")  # of a list of tasks or of a loader it is something else: those are known objects
    if value.op == "size" and len(value.args) > 1 and _is_zero(value.args[1]):
        return _shown(value, "size(0)")
    if value.op == "getitem" and len(value.args) > 1 and _is_zero(value.args[1]) and is_shape(first):
        return _shown(value, "shape[0]")
    return ""


def is_shape(value: Value) -> bool:
    """`x.shape` or `x.size()`."""
    return isinstance(value, Expr) and (value.op in ("size", "shape") or (value.op == "attribute" and value.name == "shape"))


def name_of(value: Value) -> str:
    """The variable, parameter, option or attribute that a number goes by."""
    if isinstance(value, Const):
        return value.origin.label.lstrip("-").replace("-", "_") if value.origin is not None else ""
    if isinstance(value, Unknown):
        return value.name
    return value.name if isinstance(value, Expr) and value.op == "attribute" else ""


def _is_zero(value: Value) -> bool:
    return isinstance(value, Const) and value.value == 0


def _shown(value: Expr, otherwise: str) -> str:
    place: Place | None = value.place
    found = spelled(place) if place is not None else ""
    return found or otherwise
