"""RGL406: a learning-rate scheduler is stepped too early, at another pace than its numbers mean, or never."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import implied, optimizers, runs, together
from reglint.checks.intent import names_in
from reglint.findings import Finding, Level, Related
from reglint.knowledge.schedulers import Cadence, scheduler
from reglint.reader.domain import Collection, Tuple
from reglint.source import Span
from reglint.step.trace import Context, Escaped, Event, LibraryCall, Returned, Scheduled, Stepped, Trace
from reglint.step.values import Const, Expr, Phi, Value, alternatives, number

Found = tuple[Event, str, tuple[Related, ...], str]


@rule(
    "RGL406",
    "scheduler-cadence",
    Level.WARNING,
    "a scheduler is stepped too early, at the wrong pace or never",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One finding per scheduler and place."""
    built = {getattr(e.result, "uid", 0): e for e in trace.of(LibraryCall) if isinstance(e, LibraryCall) and scheduler(e.name) is not None}
    seen: set[Span] = set()
    for events in runs(trace):
        found = [*_too_early(events, built), *_at_two_paces(events), *_at_another_pace(events, built)]
        if trace.complete:
            found += _never(trace, events, built)
        for event, message, related, help in found:
            if event.place.span not in seen:
                seen.add(event.place.span)
                yield rule.finding(event.place.span, message, related=related, help=help)


def _uids(context: Context) -> list[int]:
    return [loop.uid for loop in context.loops]


def _steps(events: Sequence[Event]) -> list[Stepped]:
    return [e for e in events if isinstance(e, Stepped)]


def _too_early(events: Sequence[Event], built: dict[int, LibraryCall]) -> Iterator[Found]:
    """The first scheduler.step() of a loop comes before any optimizer.step(): the rate of each step is that of the next."""
    done: set[int] = set()
    for event in events:
        if not isinstance(event, Scheduled) or event.scheduler in done:
            continue
        done.add(event.scheduler)
        if event.kind and event.scheduler not in built:
            continue  # a class of the project: what its first step does is not known
        if not event.context.loops or event.arguments or event.context.guards[_outer(event, events) :]:
            continue  # before the loop (resuming), with the epoch given, or under a condition such as `epoch > 0`
        others = [s for s in _steps(events) if together(s, event)]
        if any(s.context.order < event.context.order for s in others) or any(
            isinstance(e, Escaped) and e.context.order < event.context.order for e in events
        ):
            continue  # an optimizer step comes first, or may
        depth = len(event.context.loops)
        if any(_sets_the_rate_inside(e, event) for e in events):
            continue  # a warm-up, say: what this step does to the rate is overwritten before the optimizer steps
        later = next((s for s in others if s.context.loops[:depth] == event.context.loops), None)
        if later is not None:
            related = (Related("the optimizer steps here", later.place.span),)
            yield (
                event,
                f"scheduler.step() before optimizer.step(): {_effect(built.get(event.scheduler))}",
                related,
                "call it after the steps",
            )


def _sets_the_rate_inside(other: Event, event: Scheduled) -> bool:
    """Is it another scheduler of the same optimizer, stepped in a loop within the same pass?"""
    if not isinstance(other, Scheduled) or other.scheduler == event.scheduler or other.optimizer != event.optimizer:
        return False
    depth = len(event.context.loops)
    return len(other.context.loops) > depth and other.context.loops[:depth] == event.context.loops and together(other, event)


def _effect(call: LibraryCall | None) -> str:
    """What is lost by a step too many at the start; a schedule that keeps (or may keep) its rate for a while keeps the first one, too."""
    fact = scheduler(call.name) if call is not None else None
    of_a_function = call is not None and call.name.endswith(("LambdaLR", "MultiplicativeLR"))
    keeps = fact is None or of_a_function or not {"step_size", "milestones"}.isdisjoint(fact.length)
    changes_each_time = call is not None and number(call.keywords.get("step_size", Const(None))) == 1
    early = "every change of the learning rate comes one step too early"
    return early if keeps and not changes_each_time else "the first learning rate is never used"


def _outer(event: Event, events: Sequence[Event]) -> int:
    """How many conditions the whole loop stands under: those that all its optimizer steps share."""
    own = event.context.guards
    steps = [s for s in _steps(events) if together(s, event)]
    count = 0
    while count < len(own) and all(own[count] in s.context.guards for s in steps):
        count += 1
    return count


def _at_two_paces(events: Sequence[Event]) -> Iterator[Found]:
    """One scheduler is stepped after every batch and once more in every epoch."""
    scheduled = [e for e in events if isinstance(e, Scheduled) and not e.arguments]
    for outer in scheduled:
        for inner in scheduled:
            mine, deeper = _uids(outer.context), _uids(inner.context)
            if (
                inner.scheduler != outer.scheduler
                or not mine
                or len(deeper) <= len(mine)
                or deeper[: len(mine)] != mine
                or not together(inner, outer)
            ):
                continue
            steps = [s for s in _steps(events) if _uids(s.context) == deeper and implied(inner, s) and implied(outer, s)]
            if steps and not any(_uids(s.context) == mine for s in _steps(events)):
                related = (Related("it is stepped after every batch here", inner.place.span),)
                yield outer, "the scheduler is stepped after every batch, and here once more per epoch", related, "keep one of the two"
                return


def _at_another_pace(events: Sequence[Event], built: dict[int, LibraryCall]) -> Iterator[Found]:
    """A schedule counted in batches is stepped per epoch, or one counted in epochs per batch."""
    for event in events:
        call = built.get(event.scheduler) if isinstance(event, Scheduled) else None
        fact = scheduler(call.name) if call is not None else None
        if call is None or fact is None or not isinstance(event, Scheduled) or not event.context.loops:
            continue
        short, mine = call.name.rpartition(".")[2], _uids(event.context)
        steps = [_uids(s.context) for s in _steps(events) if together(s, event)]
        per_batch = mine in steps
        per_epoch = not per_batch and any(len(s) > len(mine) and s[: len(mine)] == mine for s in steps)
        related = (Related(f"{short} is built here", call.place.span),)
        lengths = [call.keywords[n] for n in (*fact.length, "steps_per_epoch") if n in call.keywords]
        if per_epoch and fact.cadence is Cadence.BATCH and any(_counts_batches(v) for v in lengths):
            yield (
                event,
                f"{short} is counted in batches and stepped once per epoch: it hardly leaves its start",
                related,
                "step it after each batch",
            )
        elif event.arguments:
            continue  # `step(epoch + i / len(loader))`: it is told where it stands
        elif per_batch and len(mine) > 1 and fact.cadence is Cadence.EITHER and any(_counts_epochs(v) for v in lengths):
            yield (
                event,
                f"{short} is counted in epochs and stepped after every batch: it is over within the first epoch",
                related,
                "step it once per epoch",
            )


def _counts_batches(value: Value, depth: int = 6) -> bool:
    """Does it hold the length of something, as `epochs * len(loader)` does?"""
    if isinstance(value, Expr) and depth:
        return value.op == "len" or any(_counts_batches(a, depth - 1) for a in value.args)
    return isinstance(value, Phi) and depth > 0 and (_counts_batches(value.then, depth - 1) or _counts_batches(value.other, depth - 1))


def _counts_epochs(value: Value) -> bool:
    """Is it the number of epochs itself?"""
    return not isinstance(value, Expr) and any("epoch" in name.lower() and "step" not in name.lower() for name in names_in(value))


def _gives_back(event: Event) -> bool:
    return isinstance(event, Returned) and not (isinstance(event.value, Const) and event.value.value is None)


def _held(value: Value) -> Iterator[Value]:
    """An argument, or what a list of arguments holds: `SequentialLR(optimizer, schedulers=[warm_up, main], …)`."""
    for one in alternatives(value):
        if isinstance(one, (Collection, Tuple)) and not isinstance(one.items, dict):
            for item in one.items:
                yield from alternatives(item)
        else:
            yield one


def _never(trace: Trace, events: Sequence[Event], built: dict[int, LibraryCall]) -> Iterator[Found]:
    """A scheduler of an optimizer that steps in a loop is itself never stepped, nor handed to anything."""
    known = optimizers(trace)
    stepped = {s.optimizer for s in _steps(events) if s.context.loops}
    used = {e.scheduler for e in trace.of(Scheduled) if isinstance(e, Scheduled)}
    handed = {uid for e in trace.of(Escaped) if isinstance(e, Escaped) for uid in e.uids}
    unknown = any(isinstance(e, Scheduled) and e.scheduler < 0 for e in trace.events) or any(_gives_back(e) for e in trace.of(Returned))
    calls = [e for e in trace.of(LibraryCall) if isinstance(e, LibraryCall)]
    inner = {id(one) for e in calls for v in (*e.positional, *e.keywords.values()) for one in _held(v) if one is not e.result}
    for uid, call in built.items():
        owner = getattr(call.keywords.get("optimizer"), "uid", 0)
        if unknown or handed or uid in used or id(call.result) in inner:
            continue  # stepped, perhaps stepped, or part of another scheduler
        if owner not in stepped or owner not in known or not any(e is call for e in events):
            continue  # its optimizer is not seen to step in the same run
        related = (Related("its optimizer steps here", next(s.place.span for s in _steps(events) if s.optimizer == owner)),)
        yield (
            call,
            f"this {call.name.rpartition('.')[2]} is never stepped: the learning rate stays as it is",
            related,
            "call scheduler.step()",
        )
