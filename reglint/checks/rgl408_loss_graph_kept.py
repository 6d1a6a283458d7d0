"""RGL408: losses are added up with their graphs attached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import runs
from reglint.checks.graph import CUTS, nodes
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import Accumulated, Backward, Event, LossComputed, Trace
from reglint.step.values import Expr, Phi, Value

PASSES = 4  # of a loop in a loop
LIMIT = 3000  # expressions looked at


@rule("RGL408", "loss-graph-kept", Level.WARNING, "losses are added up with their graphs attached", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The loss is back-propagated in the same pass, the running sum never: it is there to be printed."""
    seen: set[Span] = set()
    tried: Counter[Span] = Counter()
    for events in runs(trace):
        backwards = [e for e in events if isinstance(e, Backward)]
        for added in events:
            if not isinstance(added, Accumulated) or added.place.span in seen or tried[added.place.span] >= PASSES:
                continue  # reported already, or looked at in enough passes of its loops
            tried[added.place.span] += 1
            trained = next((b for b in backwards if b.context.loops == added.context.loops and _shares_loss(b.loss, added.addend)), None)
            if trained is None or any(_holds_place(b.loss, added.place.span) for b in backwards) or _recorded_nothing(events, added):
                continue  # not trained on, the sum itself is back-propagated, or the loss was computed under no_grad
            seen.add(added.place.span)
            yield rule.finding(
                added.place.span,
                f"{added.name} += loss keeps the graph of every step alive: use loss.item()",
                related=[Related("the loss is back-propagated here", trained.place.span)],
                help="add loss.item() or loss.detach(); the sum then needs no memory",
            )


def _criteria(value: Value) -> set[int]:
    """Identities of the criteria whose graphs the value is still attached to: not those of `loss.item()`."""
    found: set[int] = set()
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < LIMIT:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr) and top.op not in CUTS and top.name not in ("data", "item"):
            found.update({id(top)} if top.op == "criterion" else ())
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
    return found


def _shares_loss(loss: Value, addend: Value) -> bool:
    return loss is addend or bool(_criteria(loss) & _criteria(addend))


def _holds_place(loss: Value, span: Span) -> bool:
    return any(node.op == "add" and node.place is not None and node.place.span == span for node in nodes(loss))


def _recorded_nothing(events: Sequence[Event], added: Accumulated) -> bool:
    wanted = _criteria(added.addend)
    return any(isinstance(e, LossComputed) and id(e.result) in wanted and e.context.grad is False for e in events)
