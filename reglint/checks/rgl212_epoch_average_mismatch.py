"""RGL212: an epoch's running loss is divided by a count of something else than what was added up."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import CUT, SAME, is_start, operation, over_parameters, reduction
from reglint.checks.sizes import batch_size, name_of
from reglint.findings import Finding, Level, Related
from reglint.reader.domain import Collection, Obj, Tuple
from reglint.reader.written import spelled
from reglint.step.model import Reduction
from reglint.step.trace import Averaged, Trace
from reglint.step.values import Const, Expr, Phi, Value, alternatives, number

LOADER = "torch.utils.data.DataLoader"


class Unit(enum.Enum):
    """What is added up, or counted."""

    BATCHES = "batches"  # one mean per batch; one count per batch
    SAMPLES = "samples"  # a sum over the samples of a batch; one count per sample


@rule(
    "RGL212",
    "epoch-average-mismatch",
    Level.WARNING,
    "the average loss of an epoch divides means of batches by samples, or sums over samples by batches",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per division whose sum and count do not belong together."""
    for event in trace.of(Averaged):
        parts = list(_parts(event.total))
        units = {_unit_of_part(part) for part in parts}
        losses = [loss for part in parts for loss in _losses(part)]
        if len(units) != 1 or not losses:
            continue  # not known, or mixed
        added, counted = units.pop(), _unit_of_count(event.count, losses)
        if added is None or counted is None or added is counted:
            continue
        if added is Unit.BATCHES and _single_samples(losses):
            continue  # a loader without a batch size, or a loop over the samples of a batch: each loss is that of one sample
        shown = spelled(event.place)
        what = (
            "means of batches are divided by the number of samples: the average is about a batch size too small"
            if added is Unit.BATCHES
            else "sums over samples are divided by the number of batches: the average is a batch size too large"
        )
        place = next((loss.place for loss in losses if loss.place is not None), None)
        yield rule.finding(
            event.place.span,
            what,
            related=[Related("what is added up", place.span)] if place is not None else [],
            help=f"`{shown}`: divide means by len(loader), or add loss.item() * len(x) and divide by the number of samples",
        )


# -- what is added up --------------------------------------------------------------------------------------------------


def _parts(value: Value, budget: int = 60) -> Iterator[Value]:
    """The addends of a running sum, without the constant it starts from."""
    stack = [value]
    while stack and budget:
        budget -= 1
        top = stack.pop()
        if isinstance(top, Phi):
            stack.extend((top.other, top.then))
        elif isinstance(top, Expr) and operation(top) == "add":
            stack.extend(reversed(top.args))
        elif isinstance(top, Expr) and (top.op in SAME or top.op in CUT or top.op == "total" or (top.op == "sum" and len(top.args) == 1)):
            inner = top.args[0]
            if top.op in ("total", "sum") and isinstance(inner, (Tuple, Collection)) and not isinstance(inner.items, dict):
                stack.extend(inner.items)
            elif _holds_sum(inner):
                stack.append(inner)
            else:
                yield top
        elif not is_start(top):
            yield top


def _holds_sum(value: Value) -> bool:
    while isinstance(value, Expr) and (value.op in SAME or value.op in CUT) and value.args:
        value = value.args[0]
    return isinstance(value, Phi) or (isinstance(value, Expr) and operation(value) == "add" and not _losses(value))


def _unit_of_part(part: Value) -> Unit | None:
    """A mean is one number per batch; times the batch size, or as a sum, it stands for the samples."""
    match reduction(part):
        case Reduction.MEAN | Reduction.BATCH_MEAN:
            return Unit.BATCHES
        case Reduction.SUM:
            return Unit.SAMPLES if isinstance(part, Expr) and part.op == "criterion" else None
    if isinstance(part, Expr) and (part.op in SAME or part.op in CUT or part.op in ("sum", "mean", "attribute")) and part.args:
        found = reduction(part.args[0])
        if found is Reduction.NONE:
            return Unit.SAMPLES if part.op == "sum" else Unit.BATCHES if part.op == "mean" and len(part.args) == 1 else None
        return _unit_of_part(part.args[0])
    if isinstance(part, Expr) and operation(part) == "mul" and len(part.args) == 2:
        for loss, size in (part.args, part.args[::-1]):
            if _unit_of_part(loss) is Unit.BATCHES and batch_size(size):
                return Unit.SAMPLES
        return None
    if isinstance(part, Expr) and operation(part) == "add":
        units = {_unit_of_part(arg) for arg in part.args if not isinstance(arg, Const) and not over_parameters(arg)}
        return units.pop() if len(units) == 1 else None
    return None


def _losses(part: Value) -> list[Expr]:
    found: list[Expr] = []
    stack, seen = [part], 0
    while stack and seen < 60:
        top = stack.pop()
        seen += 1
        if isinstance(top, Expr) and (top.op == "criterion" or reduction(top) in (Reduction.MEAN, Reduction.SUM)):
            found.append(top)
        elif isinstance(top, Expr):
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
    return found


# -- what is counted ---------------------------------------------------------------------------------------------------


def _unit_of_count(count: Value, losses: list[Expr]) -> Unit | None:
    if isinstance(count, Expr) and (count.op in SAME or count.op == "item") and count.args:
        return _unit_of_count(count.args[0], losses)
    if isinstance(count, Expr) and count.op == "len" and count.args:
        return _unit_of_length(count.args[0], losses)
    if isinstance(count, Expr) and operation(count) == "add":
        return _unit_of_counter(count)
    return Unit.SAMPLES if _strided_over(count, losses) else None


def _unit_of_length(value: Value, losses: list[Expr]) -> Unit | None:
    """`len(loader)` counts batches, `len(loader.dataset)` and `len(sampler)` samples."""
    if isinstance(value, Obj) and value.library == LOADER:
        return Unit.BATCHES
    if _strided_over(Expr("len", (value,)), losses) or any(_is_dataset_of(node, value) for loss in losses for node in _inside(loss)):
        return Unit.SAMPLES
    if any(node.op == "element" and node.args and node.args[0] is value for loss in losses for node in _inside(loss)):
        return Unit.BATCHES  # the loop runs over it
    name = name_of(value).lower()
    if name.endswith("dataset") or name.endswith("data_set"):
        return Unit.SAMPLES
    return None


def _is_dataset_of(node: Expr, value: Value) -> bool:
    loader = node.args[0] if node.op == "data" and node.args else None
    return isinstance(loader, Obj) and loader.arguments.get("dataset") is value


def _strided_over(count: Value, losses: list[Expr]) -> bool:
    """Does a loop walk up to it in strides, `for i in range(0, n, batch_size)`?"""
    for loss in losses:
        for node in _inside(loss):
            if node.op == "stride" and len(node.args) >= 3 and (node.args[1] is count or _same_length(node.args[1], count)):
                return True
    return False


def _same_length(one: Value, other: Value) -> bool:
    return isinstance(one, Expr) and isinstance(other, Expr) and one.op == other.op == "len" and one.args[0] is other.args[0]


def _unit_of_counter(count: Expr) -> Unit | None:
    """A counter: `n += 1` counts batches, `n += len(x)` samples."""
    units: set[Unit | None] = set()
    stack: list[Value] = [count]
    steps = 0
    while stack and steps < 40:
        top = stack.pop()
        steps += 1
        if isinstance(top, Expr) and operation(top) == "add":
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, Const):
            if number(top) not in (0, 1):
                return None
            units |= {Unit.BATCHES} if number(top) == 1 else set()
        elif is_start(top):
            continue
        elif name_of(top) == "index":
            units.add(Unit.BATCHES)  # `batch_index + 1`
        else:
            units.add(Unit.SAMPLES if batch_size(top) and "numel" not in batch_size(top) else None)
    return units.pop() if len(units) == 1 else None


def _inside(value: Value, limit: int = 3000) -> Iterator[Expr]:
    """Every expression below a loss, models included."""
    stack, seen = [value], set[int]()
    while stack and len(seen) < limit:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            yield top
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, Tuple) or (isinstance(top, Collection) and not isinstance(top.items, dict)):
            stack.extend(top.items)


def _single_samples(losses: list[Expr]) -> bool:
    for loss in losses:
        for node in _inside(loss):
            if node.op == "element" and node.args and isinstance(node.args[0], Expr) and node.args[0].op == "data":
                return True  # a loop over what is in the batch
            loader = node.args[0] if node.op == "data" and node.args else None
            if isinstance(loader, Obj) and loader.library == LOADER:
                size = loader.arguments.get("batch_size", Const(1))
                if any(number(one) == 1 for one in alternatives(size)) or "batch_sampler" in loader.arguments:
                    return True
    return False
