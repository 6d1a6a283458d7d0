"""RGL104: a penalty that never moves a weight."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.graph import reaches
from reglint.checks.objectives import minimised
from reglint.checks.penalties import is_zero, penalties
from reglint.findings import Finding, Level, Related
from reglint.reader.domain import Each, Param
from reglint.step.model import Parameter, ParamSet, PenaltyForm, Role, StepModel
from reglint.step.trace import (
    Backward,
    Escaped,
    Event,
    GradientRead,
    LibraryCall,
    OptimizerBuilt,
    PenaltyAdded,
    Stepped,
    Trace,
)
from reglint.step.values import Const, Expr, Phi, Value

ROWS = frozenset({"getitem", "index_select", "gather"})
SQUARES = frozenset({"pow", "square", "abs", "norm"})
SUMS = frozenset({"add", "sum", "mean", "same", "mul", "div"})


@rule(
    "RGL104", "penalty-without-gradient", Level.ERROR, "a penalty in the loss has no gradient on the weights", since="0.1.0", reads="both"
)
def check(rule: Rule, model: StepModel | Trace) -> Iterator[Finding]:
    """Cut off from the graph, on parameters that no optimizer owns, or added when the gradients are computed already."""
    steps = (model,) if isinstance(model, StepModel) else model.steps
    for step in steps:
        for penalty in penalties(step):
            if is_zero(penalty.coefficient):
                continue  # switched off
            related = (
                [Related("joins the loss here", penalty.added_at)]
                if penalty.added_at is not None and penalty.added_at != penalty.span
                else []
            )
            if not penalty.connected:
                message = "the penalty is cut off from the graph: it shows in the loss, but its gradient is 0"
                yield rule.finding(
                    penalty.span, message, related=related, help="compute it from the parameters themselves, without .data or detach()"
                )
            elif penalty.form is not PenaltyForm.OTHER and _owned_by_none(penalty.over, steps) and not _may_move(model, penalty.over):
                message = f"no optimizer owns {penalty.over.label}: the penalty moves nothing"
                yield rule.finding(penalty.span, message, related=related, help="penalise the parameters of the model that is trained")
    if isinstance(model, Trace):
        yield from _rows_of_nobody(rule, model)
        yield from _added_too_late(rule, model)


def _owned_by_none(over: ParamSet, steps: tuple[StepModel, ...]) -> bool:
    """Are the penalised parameters known, and are those of every optimizer known to be others?"""
    groups = [g for s in steps for g in s.optimizer.groups]
    if over.members is None or any(g.params.members is None for g in groups) or not any(g.params.members for g in groups):
        return False  # an optimizer that seems to hold nothing was filled in a way that was not read
    if not over.members:
        return True
    return all(g.params.overlaps(over) is False for g in groups)


def _rows_of_nobody(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A penalty on rows, or on the mean square, of tensors that ask for a gradient and that no optimizer owns."""
    told = {penalty.span.row for step in trace.steps for penalty in penalties(step) if penalty.form is not PenaltyForm.OTHER}
    for minimal in minimised(trace, returned=False):
        for term in minimal.terms:
            tensors = _rows(term.value)
            place = term.place
            if not tensors or place is None or place.span.row in told:
                continue  # no penalty on plain tensors, or reported above
            label = " and ".join(dict.fromkeys(t.name or "a plain tensor" for t in tensors))
            over = ParamSet(label, frozenset(), tuple(Parameter(t.name, Role.OTHER, t.uid, plain=True) for t in tensors))
            if not _owned_by_none(over, trace.steps) or _may_move(trace, over):
                continue
            told.add(place.span.row)
            message = f"no optimizer owns {over.label}: the penalty moves nothing"
            yield rule.finding(place.span, message, help="make it an nn.Parameter, or give it to the optimizer")


def _rows(value: Value) -> list[Param]:
    """The plain tensors whose elements, or rows, a value is a sum or mean of squares or absolute values of; none for anything else."""
    found: list[Param] = []
    bent = False
    stack, seen = [value], set[int]()
    while stack and len(seen) < 100:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Param) and top.plain:
            found.append(top)
        elif isinstance(top, Expr) and top.op in ROWS and top.args:
            stack.append(top.args[0])  # whichever rows they are
        elif isinstance(top, Expr) and top.op in SQUARES | SUMS:
            bent = bent or top.op in SQUARES
            stack.extend(top.args)
        elif not isinstance(top, Const):
            return []  # a parameter, or data
    return found if bent else []


def _may_move(model: StepModel | Trace, over: ParamSet) -> bool:
    """Could something other than the optimizers seen move plain tensors: code that reads their gradients, or that is not known?"""
    plain = {p.uid for p in over.members or () if p.plain}
    if not plain:
        return False
    if not isinstance(model, Trace) or not model.complete:
        return True
    built = {e.optimizer.uid for e in model.of(OptimizerBuilt)}
    if any(e.optimizer not in built for e in model.of(Stepped)) or any(True for _ in model.of(Escaped)):
        return True
    read = [e.target for e in model.of(GradientRead)]
    read += [v for e in model.of(LibraryCall) if e.name == "torch.autograd.grad" for v in (*e.positional[1:], *e.keywords.values())]
    return any(not isinstance(top := _read(value), (Param, Each)) or (isinstance(top, Param) and top.uid in plain) for value in read)


def _read(value: Value) -> Value:
    """The tensor whose gradient is read."""
    while isinstance(value, Expr) and value.op in ("grad", "data", "same", "attribute") and value.args:
        value = value.args[0]
    return value


def _added_too_late(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Between backward() and step(), a penalty is added to the loss that was differentiated; nothing differentiates the sum."""
    events = trace.events
    for index, event in enumerate(events):
        if not isinstance(event, PenaltyAdded) or not event.to_loss or not trace.complete:
            continue
        before = next(
            (e for e in reversed(events[:index]) if isinstance(e, Backward) and _same_pass(e, event) and reaches(event.base, e.loss)), None
        )
        later = [e for e in events[index:] if isinstance(e, Backward)]
        stepped = any(isinstance(e, Stepped) for e in events[index:])
        instead = next((e for e in later if _holds(e.loss, event.base)), None)
        if event.unread and instead is not None and not any(_holds(e.loss, event.result) for e in later):
            related = [Related("this differentiates the loss without it", instead.place.span)]
            yield rule.finding(
                event.place.span, "the loss with the penalty is never used: backward() starts from the loss without it", related=related
            )
            continue
        if before is None or not stepped or any(_holds(e.loss, event.result) for e in later):
            continue  # differentiated later, or never differentiated at all
        message = "the penalty is added after backward(): its gradient is never computed"
        related = [Related("the loss is differentiated here", before.place.span)]
        yield rule.finding(event.place.span, message, related=related, help="add it to the loss before backward()")


def _same_pass(one: Event, other: Event) -> bool:
    """Do the events happen in the same call of the same function and in the same pass of its loops?"""
    return one.context.frames == other.context.frames and one.context.loops == other.context.loops


def _holds(value: Value, part: Value) -> bool:
    """Is `part` the value itself or one of the operands it is computed from?"""
    stack, seen = [value], set[int]()
    while stack and len(seen) < 500:
        top = stack.pop()
        if top is part:
            return True
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
    return False
