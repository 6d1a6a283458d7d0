"""RGL408: losses are added up with their graphs attached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import optimizers, runs
from reglint.checks.graph import attached, flows
from reglint.checks.modes import speaks_of_evaluation, trains
from reglint.checks.objectives import is_start
from reglint.findings import Finding, Level, Related
from reglint.source import Span
from reglint.step.trace import Accumulated, Backward, Event, Forward, LibraryCall, Loop, LossComputed, Returned, Trace
from reglint.step.values import Expr, Value, alternatives

PASSES = 4  # of a loop in a loop


@rule("RGL408", "loss-graph-kept", Level.WARNING, "losses are added up with their graphs attached", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """The running sum is there to be printed: that of losses that are back-propagated in the same pass, or of an evaluation."""
    seen: set[Span] = set()
    tried: Counter[Span] = Counter()
    handed: set[Span] | None = None
    for events in runs(trace) if any(trace.of(Accumulated)) else ():
        backwards = [e for e in events if isinstance(e, Backward)]
        differentiated = _sums(b.loss for b in backwards)
        restarted = _restarted(events)
        for added in events:
            if not isinstance(added, Accumulated) or added.place.span in seen or tried[added.place.span] >= PASSES:
                continue  # reported already, or looked at in enough passes of its loops
            tried[added.place.span] += 1
            if added.place.span in differentiated or _recorded_nothing(events, added):
                continue  # the sum itself is back-propagated, or the loss was computed under no_grad
            if added.place.span in restarted:
                continue  # what it holds is let go again in the same loop
            trained = [b for b in backwards if b.context.loops == added.context.loops and _shares_loss(b.loss, added.addend)]
            handed = _handed(trace) if not trained and handed is None else handed
            evaluated = None if trained or added.place.span in (handed or ()) else _evaluated(trace, events, added)
            if not trained and evaluated is None:
                continue  # it is differentiated after all, handed to whoever asks for it, or nothing says what it is for
            seen.add(added.place.span)
            freed = any(not b.retain for b in trained)
            what = "the nodes of every step's graph" if freed else "the graph of every step alive"
            where = "the loss is back-propagated here" if trained else "evaluated here, with gradients recorded"
            yield rule.finding(
                added.place.span,
                f"{added.name} += loss keeps {what}: use loss.item()",
                level=Level.NOTE if freed else Level.WARNING,
                related=[Related(where, (trained[0] if evaluated is None else evaluated).place.span)],
                help="add loss.item() or loss.detach(); the sum then needs no memory",
            )


def _evaluated(trace: Trace, events: Sequence[Event], added: Accumulated) -> Forward | None:
    """The call of a model that is trained elsewhere whose graph the sum keeps, where that is an evaluation."""
    backwards = list(trace.of(Backward))
    built = optimizers(trace)
    for event in events:
        if not isinstance(event, Forward) or event.context.loops != added.context.loops or not flows(event.result, added.addend):
            continue  # not what the loss is computed by
        if event.module.training is not False or event.context.grad is not True or not speaks_of_evaluation(event, backwards):
            continue  # not shown to be an evaluation with gradients
        if any(e.module.uid == event.module.uid and trains(e, trace.events, built) for e in trace.of(Forward)):
            return event
    return None


def _restarted(events: Sequence[Event]) -> set[Span]:
    """Where a sum starts anew, at least at times, between one pass of its loop and the next."""
    found: set[Span] = set()
    starts: dict[tuple[Span, tuple[Loop, ...], int], list[Value]] = {}
    for event in events:
        if isinstance(event, Accumulated):
            *outer, loop = event.context.loops
            mine = [value for value in alternatives(event.before) if is_start(value)]
            earlier = starts.setdefault((event.place.span, tuple(outer), loop.uid), mine)
            if any(value not in earlier for value in mine):
                found.add(event.place.span)
    return found


def _criteria(value: Value) -> set[int]:
    """Identities of the criteria whose graphs the value is still attached to: not those of `loss.item()`."""
    return {id(part) for part in attached(value) if isinstance(part, Expr) and part.op == "criterion"}


def _shares_loss(loss: Value, addend: Value) -> bool:
    return loss is addend or bool(_criteria(loss) & _criteria(addend))


def _handed(trace: Trace) -> set[Span]:
    """Where the sums are made that are differentiated or given back."""
    values = [e.loss if isinstance(e, Backward) else e.value for e in trace.of(Backward, Returned) if isinstance(e, (Backward, Returned))]
    for call in trace.of(LibraryCall):
        if call.name == "torch.autograd.grad":
            values += [*call.positional, *call.keywords.values()]
    return _sums(values)


def _sums(values: Iterable[Value]) -> set[Span]:
    """Where the sums are made that values are computed from."""
    parts = (part for value in values for part in attached(value))
    return {part.place.span for part in parts if isinstance(part, Expr) and part.op == "add" and part.place is not None}


def _recorded_nothing(events: Sequence[Event], added: Accumulated) -> bool:
    wanted = _criteria(added.addend)
    return any(isinstance(e, LossComputed) and id(e.result) in wanted and e.context.grad is False for e in events)
