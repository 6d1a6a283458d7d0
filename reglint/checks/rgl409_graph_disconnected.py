"""RGL409: the loss that is back-propagated has no connection to the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import runs
from reglint.checks.graph import MAKERS, is_cut, is_of_model, is_true
from reglint.findings import Finding, Level, Related
from reglint.source import Place, Span
from reglint.step.trace import AttributeSet, Backward, Event, Trace
from reglint.step.values import Expr, Value


@rule("RGL409", "graph-disconnected", Level.ERROR, "the back-propagated loss has no connection to the model", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Without requires_grad the program would stop with an error; with it, nothing is trained and nobody is told."""
    seen: set[Span] = set()
    for events in runs(trace):
        for backward in events:
            if not isinstance(backward, Backward):
                continue
            found = _made_anew(backward.loss) or _switched_on(events, backward)
            if found is None or found[0].span in seen:
                continue
            place, message = found
            seen.add(place.span)
            related = [Related("back-propagated here", backward.place.span)]
            yield rule.finding(place.span, message, related=related, help="back-propagate the loss itself")


def _made_anew(loss: Value) -> tuple[Place, str] | None:
    """`torch.tensor(loss, requires_grad=True)`, `Variable(loss.data, requires_grad=True)`."""
    while isinstance(loss, Expr) and loss.op == "same" and loss.args:
        loss = loss.args[0]
    if not isinstance(loss, Expr) or loss.op not in MAKERS or not loss.args or not is_true(loss.attrs.get("requires_grad")):
        return None
    if loss.place is None or not is_of_model(loss.args[0]):
        return None  # a tensor of its own, such as an input to be optimised
    return loss.place, f"{loss.op}(…, requires_grad=True) makes a new tensor: no gradient reaches the model"


def _switched_on(events: Sequence[Event], backward: Backward) -> tuple[Place, str] | None:
    """`loss.requires_grad_()` on a loss whose way to the model is cut."""
    if not is_cut(backward.loss) or not is_of_model(backward.loss):
        return None
    for event in events:
        if event.context.order > backward.context.order:
            break
        if isinstance(event, AttributeSet) and event.name == "requires_grad" and event.target is backward.loss and is_true(event.value):
            return event.place, "this loss is cut off from the model: requires_grad only hides the error"
    return None
