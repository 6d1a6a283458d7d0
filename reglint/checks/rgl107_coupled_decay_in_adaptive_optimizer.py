"""RGL107: weight_decay of Adam and its like goes through the moments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.gradients import together
from reglint.checks.penalties import decaying_groups, shown, source_of
from reglint.findings import Finding, Fix, FormulaPair, Level, Safety
from reglint.knowledge.optimizers import optimizer
from reglint.reader.spelling import beside
from reglint.reader.written import text, written_call
from reglint.source import Place, Span
from reglint.step.model import DecayKind, Number, StepModel
from reglint.step.trace import OptimizerBuilt, Trace

ADAMW_SIZED = 1e-2
UNHEARD_OF = 1.0  # no recipe of any optimizer goes beyond


@rule(
    "RGL107", "coupled-decay-in-adaptive-optimizer", Level.NOTE, "weight_decay of an adaptive optimizer is rescaled by its moments",
    since="0.1.0", reads="both", fix=Safety.UNSAFE,
)  # fmt: skip
def check(rule: Rule, model: StepModel | Trace) -> Iterator[Finding]:
    """One finding per optimizer, for its strongest decay; the source of the constructor, for the fix, is in the trace."""
    if isinstance(model, StepModel):
        yield from _in_step(rule, model, None)
        return
    built = {event.place.span: event.place for event in model.of(OptimizerBuilt)}
    side_by_side = _side_by_side(model)
    tried: dict[Span, set[tuple[float | None, ...]]] = {}
    for step in model.steps:
        tried.setdefault(step.optimizer.span, set()).add(tuple(decay.value for _, decay in decaying_groups(step)))
    for step in model.steps:
        span = step.optimizer.span
        yield from _in_step(rule, step, built.get(span), len(tried[span]) > 1 or span in side_by_side)


def _side_by_side(trace: Trace) -> set[Span]:
    """Where one run builds optimizers of several classes, one after another."""
    built = list(trace.of(OptimizerBuilt))
    return {
        one.place.span
        for index, one in enumerate(built)
        for other in built[index + 1 :]
        if one.place.span == other.place.span and one.optimizer.kind != other.optimizer.kind and together(one, other)
    }


def _in_step(rule: Rule, step: StepModel, place: Place | None, compared: bool = False) -> Iterator[Finding]:
    """`compared`: the program tries several strengths, of which it is left with what worked in this form, or several optimizers."""
    if not step.optimizer.adaptive:
        return  # SGD: coupled and decoupled decay are the same up to momentum
    coupled = [(g, d) for g, d in decaying_groups(step) if g.decay is DecayKind.COUPLED]
    if not coupled:
        return
    group, decay = max(coupled, key=lambda pair: pair[1].value or 0.0)
    assert decay.value is not None
    short, lam = step.optimizer.short, shown(decay.value)
    strong = decay.value >= ADAMW_SIZED and not _meant_as_l2(decay) and not compared
    message = f"{short} adds {lam}·w to the gradient and rescales it: not a decay of {lam}"
    if strong:
        size = "more than even AdamW takes" if decay.value > UNHEARD_OF else "the size that AdamW takes"
        message = f"weight_decay {lam} is {size}; in {short} it goes through the moments"
    known = optimizer(step.optimizer.kind)
    twin = known.twin.rpartition(".")[2] if known is not None and known.twin else ""
    eta = group.options["lr"] if "lr" in group.options and group.options["lr"].value is not None else None
    lr = shown(eta.value) if eta is not None and eta.value is not None else "η"
    yield rule.finding(
        group.span or step.optimizer.span,
        message,
        level=Level.WARNING if strong else Level.NOTE,
        related=source_of(decay, "weight_decay"),
        formula=FormulaPair(f"w ← w − {lr}·m̂/√v̂ with m̂, v̂ of ∇L_data + {lam}·w", f"w ← w − {lr}·m̂/√v̂ − {lr}·{lam}·w with m̂, v̂ of ∇L_data"),
        help=f"for weight decay as in AdamW use {twin}; for L2 keep it and ignore this"
        if twin
        else "this is L2 through the moments, not weight decay",
        fix=_fix(short, place) if place is not None else None,
    )


def _fix(short: str, place: Place) -> Fix | None:
    """AdamW for Adam, whose arguments are the same; the switch for those that have one."""
    call, node = written_call(place), place.node
    if call is None or not isinstance(node, ast.Call):
        return None  # not called where it is built, or with arguments that are not seen
    if short in ("NAdam", "RAdam"):
        argument = "decoupled_weight_decay=True"
        return (
            Fix(f"add {argument}", Safety.UNSAFE, (call.appended(argument),))
            if call.named("decoupled_weight_decay", None) is None
            else None
        )
    edits = beside(place, node.func, "AdamW") if short == "Adam" and text(place, node.func).endswith("Adam") else None
    if edits is None:
        return None
    if call.named("weight_decay", 4) is None:
        edits = (*edits, call.appended("weight_decay=0"))  # groups without their own would get the default of AdamW
    return Fix("use AdamW", Safety.UNSAFE, edits)


def _meant_as_l2(decay: Number) -> bool:
    """Does the code call the number l2, so that the coupled form is what it means? The place it comes from does not count."""
    return re.search(r"l2", decay.source.partition(" at ")[0], re.IGNORECASE) is not None
