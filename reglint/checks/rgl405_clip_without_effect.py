"""RGL405: gradients are clipped when there is nothing to clip any more, or yet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import after, before, implied, runs
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.source import Span
from reglint.step.trace import Backward, Cleared, Clipped, Escaped, Event, Stepped, Trace
from reglint.step.values import number


@rule("RGL405", "clip-without-effect", Level.ERROR, "gradient clipping that clips nothing", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Every execution of the clip has to be without effect: a first pass through a loop may be special."""
    if not trace.complete:
        return  # the step that uses the clipped gradients may not have been read
    for events in runs(trace):
        places: dict[Span, list[tuple[str, Event | None] | None]] = {}
        clips: dict[Span, Clipped] = {}
        for clip in events:
            if isinstance(clip, Clipped) and number(clip.limit) != math.inf:  # an infinite threshold is there to log the norm
                places.setdefault(clip.place.span, []).append(_why(events, clip))
                clips[clip.place.span] = clip
        for span, reasons in places.items():
            if None in reasons and not clips[span].exhausted:
                continue  # it acts at least once (a generator may last for the first pass alone)
            assert reasons[-1] is not None
            message, other = reasons[-1]
            limit = number(clips[span].limit)
            meant = f"w ← w − η·g·min(1, {'c' if limit is None else f'{limit:g}'}/‖g‖)"
            related = (
                [Related("the step that it comes too late for" if "after" in message else "the gradients come from here", other.place.span)]
                if other
                else []
            )
            help = "clip between backward() and step(), and pass model.parameters() anew each time"
            yield rule.finding(span, message, related=related, formula=FormulaPair("w ← w − η·g", meant), help=help)


def _why(events: Sequence[Event], clip: Clipped) -> tuple[str, Event | None] | None:
    """Why this execution of the clip does nothing; None where it acts or may act."""
    if clip.exhausted:
        return "the generator of parameters was used up before: nothing is clipped", None
    earlier = before(events, clip, Backward, Stepped, Cleared, Escaped)
    later = after(events, clip, Backward, Stepped, Escaped)
    if isinstance(earlier, (Backward, Escaped)) or isinstance(later, (Stepped, Escaped)):
        return None  # between backward() and step(), or unknown code may do either
    step = before(events, clip, Stepped)
    if isinstance(step, Stepped) and step.context.loops == clip.context.loops and implied(step, clip) and before(events, step, Backward):
        return "gradients are clipped after the step that uses them", step
    if isinstance(later, Backward) and later.context.loops == clip.context.loops and after(events, later, Stepped):
        return "gradients are clipped before backward() computes them", later
    return None
