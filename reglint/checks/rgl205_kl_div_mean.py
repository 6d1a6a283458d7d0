"""RGL205: kl_div with reduction="mean" averages over the classes too."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.graph import is_true
from reglint.checks.objectives import operation, short
from reglint.checks.sizes import batch_size, is_shape, name_of
from reglint.findings import Edit, Finding, Fix, FormulaPair, Level, Related, Safety
from reglint.knowledge.losses import loss as loss_fact
from reglint.reader.domain import Collection, Tuple
from reglint.reader.written import written_call
from reglint.source import Place
from reglint.step.model import Reduction
from reglint.step.trace import Backward, LibraryCall, LossComputed, Returned, Trace
from reglint.step.values import Const, Expr, Phi, Value, number

NAMES = frozenset({"torch.nn.KLDivLoss", "torch.nn.functional.kl_div"})
_CLASSES = re.compile(r"class|vocab|categor|num_|n_|dim|size|len|label|token|anchors|bins|actions|out_(features|channels)", re.IGNORECASE)
_RESIZING = frozenset({"interpolate", "upsample", "pixel_shuffle"})
_SAME_SHAPE = frozenset({"softmax", "log_softmax", "log", "div", "mul", "same", "clamp", "float"})
_REDUCED = frozenset({"sum", "mean", "logsumexp", "amax", "amin", "norm", "prod"})
_OF_MAPS = 'reduction="none" and .sum(dim).mean() with their dim'
_OF_BOTH = 'reduction="batchmean" for inputs (N, C), for (N, C, H, W) reduction="none" and .sum(1).mean()'


@rule(
    "RGL205",
    "kl-div-mean",
    Level.WARNING,
    "kl_div is averaged over the classes as well, so its gradient is C times too small",
    since="0.1.0",
    reads="trace",
    fix=Safety.UNSAFE,
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per kl_div whose reduction is "mean" by default or by its own words; at the class where there is one."""
    calls = [call for call in trace.of(LibraryCall) if call.name in NAMES and _says_mean(call)]
    multiplied = _multiplied_back(trace) if calls else set()
    used = {id(e.built.node): e for e in trace.of(LossComputed) if e.built is not None}
    for call in calls:
        applied = used.get(id(call.place.node))
        result = applied.result if applied is not None else call.result
        if id(result) in multiplied:
            continue  # made up for by hand
        given = applied.input if applied is not None else call.keywords.get("input")
        if _has_one_column(given):
            continue  # no classes to sum over: the mean over (N, 1) is "batchmean"
        dense = _has_positions(given)
        yield rule.finding(
            call.place.span,
            f'{short(call.name)} with reduction="mean" divides by the number of classes too: sum over them',
            related=[Related("applied here", applied.place.span)] if applied is not None else [],
            formula=FormulaPair("w ← w − η·(1/(B·C))·Σᵢ∇KLᵢ", "w ← w − η·(1/B)·Σᵢ∇KLᵢ"),
            help=f"sum over the classes, then average: {_OF_MAPS if dense else _OF_BOTH}; divide a tuned weight by C then",
            fix=None if dense else _batchmean(call.place, call.name),
        )


def _has_positions(value: Value | None) -> bool:
    """Is it shown that there is more than (N, C): by the dimension of the softmax, or by a convolution below it?"""
    while isinstance(value, Expr):
        op = operation(value)
        if op == "layer" or op in _RESIZING:
            return op in _RESIZING or "Conv" in value.name or "Upsample" in value.name
        if op not in _SAME_SHAPE or not value.args:
            return False
        dim = number(value.attrs.get("dim", value.args[1] if len(value.args) > 1 else Const(None))) if "softmax" in op else None
        if dim is not None and dim not in (-1, 0, 1):
            return True
        value = value.args[0]
    return False


def _has_one_column(value: Value | None) -> bool:
    """Is the last dimension shown to be 1: reduced and kept?"""
    while isinstance(value, Expr) and operation(value) in _SAME_SHAPE and value.args:
        if any(not isinstance(other, Const) for other in value.args[1:]):
            return False  # a tensor with more columns makes the result as wide
        value = value.args[0]
    if not isinstance(value, Expr) or value.op not in _REDUCED or not is_true(value.attrs.get("keepdim")):
        return False
    return number(value.attrs.get("dim", value.args[1] if len(value.args) > 1 else Const(None))) == -1


def _says_mean(call: LibraryCall) -> bool:
    """Is the reduction certain? One that comes in by a variable that whoever calls may set is not."""
    given = call.keywords.get("reduction")
    if any(call.keywords.get(flag) is not None for flag in ("size_average", "reduce")):
        return False  # RGL201 and RGL202 speak about these; the flags may come from anywhere
    if given is None:
        return not call.extra
    return isinstance(given, Const) and given.value in (Reduction.MEAN, "elementwise_mean") and not given.adjustable


def _multiplied_back(trace: Trace) -> set[int]:
    """Identities of the losses that are multiplied by a number of classes or elements on their way, or divided by 1/C."""
    found: set[int] = set()
    for event in trace.of(Backward, Returned):
        root = event.loss if isinstance(event, Backward) else event.value if isinstance(event, Returned) else Const(None)
        stack: list[tuple[Value, bool]] = [(root, False)]
        seen: set[tuple[int, bool]] = set()
        while stack and len(seen) < 2000:
            top, up = stack.pop()
            if (id(top), up) in seen:
                continue
            seen.add((id(top), up))
            if isinstance(top, Expr) and top.op == "criterion":
                if up:
                    found.add(id(top))
            elif isinstance(top, Expr):
                scaled = up or (operation(top) == "mul" and any(_is_count(arg) for arg in top.args))
                stack.extend((arg, scaled) for arg in top.args)
            elif isinstance(top, Phi):
                stack.extend(((top.then, up), (top.other, up)))
            elif isinstance(top, (Tuple, Collection)):
                stack.extend((item, up) for item in (top.items.values() if isinstance(top.items, dict) else top.items))
    return found


def _is_count(value: Value) -> bool:
    if isinstance(value, Expr) and value.op in ("size", "len", "numel", "nelement", "shape"):
        return True
    if isinstance(value, Expr) and value.op == "getitem" and value.args and is_shape(value.args[0]):
        return True
    if isinstance(value, Expr) and value.op == "mul":
        return any(_is_count(arg) for arg in value.args)
    if isinstance(value, Expr) and value.op in ("item", "div", "floordiv") and value.args:
        return _is_count(value.args[0])  # `int(classes / tasks)`
    return bool(batch_size(value)) or bool(_CLASSES.search(name_of(value)))


def _batchmean(place: Place, name: str) -> Fix | None:
    call, fact = written_call(place), loss_fact(name)
    if call is None or fact is None:
        return None
    word = call.named("reduction", fact.signature.position("reduction"))
    if word is None:
        return Fix('add reduction="batchmean"', Safety.UNSAFE, (call.appended('reduction="batchmean"'),))
    if word.text.strip("\"'") not in (Reduction.MEAN, "elementwise_mean"):
        return None  # a constant with a name: other losses may use it
    return Fix('write reduction="batchmean"', Safety.UNSAFE, (Edit(word.value, '"batchmean"'),))
