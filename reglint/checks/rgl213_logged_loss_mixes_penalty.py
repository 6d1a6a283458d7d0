"""RGL213: the training loss that is shown contains the penalty, the validation loss does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reglint.checks import Rule, rule
from reglint.checks.objectives import nodes, over_parameters, short
from reglint.findings import Finding, Level, Related
from reglint.step.trace import Backward, Logged, LossComputed, Trace
from reglint.step.values import Expr, Value


@rule(
    "RGL213",
    "logged-loss-mixes-penalty",
    Level.NOTE,
    "the training loss that is logged contains a penalty, the validation loss does not",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per place that shows the penalised loss, where the same criterion is shown without it under no_grad."""
    trained = {id(event.loss) for event in trace.of(Backward)}
    graphless = {id(event.result): event for event in trace.of(LossComputed) if event.context.grad is False}
    logged = [(event, loss) for event in trace.of(Logged) for loss in _shown_losses(event)]
    validation = {short(loss.name): event for event, loss in logged if id(loss) in graphless}
    for event, loss in logged:
        if id(loss) not in trained or loss.op == "criterion":
            continue  # not what is minimised, or minimised without a penalty
        inside = list(nodes(loss))
        penalty = next((node for node in inside if node.op in ("add", "sub") and any(over_parameters(arg) for arg in node.args)), None)
        name = next((short(node.name) for node in inside if node.op == "criterion" and short(node.name) in validation), None)
        if penalty is None or name is None:
            continue
        yield rule.finding(
            event.place.span,
            f"the training loss shown here contains the penalty, the validation {name} does not",
            related=[Related("the penalty is added here", penalty.place.span)] if penalty.place is not None else [],
            help="log the data loss, and the penalty in a curve of its own",
        )


def _shown_losses(event: Logged) -> Iterator[Expr]:
    """What a call shows, without `.item()`, `float()` and the text around it."""
    stack: list[Value] = list(event.values)
    while stack:
        top = stack.pop()
        if isinstance(top, Expr) and top.op in ("item", "detach", "same", "data", "format", "call", "mod", "getitem", "numpy", "cpu"):
            stack.extend(top.args)
        elif isinstance(top, Expr):
            yield top
