"""RGL305: an evaluation builds the graph that nobody differentiates."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.gradients import runs
from reglint.checks.modes import may_train_on, speaks_of_evaluation
from reglint.findings import Finding, Level
from reglint.source import Place
from reglint.step.trace import Backward, Forward, LibraryCall, Trace


@rule("RGL305", "evaluation-with-gradients", Level.NOTE, "an evaluation records gradients that nobody uses", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A loop that only evaluates, with autograd recording. It costs memory and time, the numbers are the same."""
    seen: set[object] = set()
    for events in runs(trace):
        backwards = [e for e in events if isinstance(e, Backward)]
        if any(isinstance(e, LibraryCall) and e.name == "torch.autograd.grad" for e in events):
            continue  # gradients are taken by other means
        if trace.speculative and not backwards:
            continue  # a method on its own: its callers may have switched gradients off
        for forward in events:
            if not isinstance(forward, Forward) or forward.context.grad is not True:
                continue  # under no_grad
            if not forward.context.loops and forward.module.training is not False:
                continue  # a single call of a model that is not in eval()
            place = _in_the_loop(forward)
            if place.span in seen or any(may_train_on(forward, b) for b in backwards):
                continue  # reported, or trained on
            said = speaks_of_evaluation(forward, backwards)
            if (not said and forward.module.training is not False) or not (said or backwards):
                continue  # nothing shows that this is an evaluation
            if any(loop.uid == one.uid for one in forward.context.loops[-1:] for b in backwards for loop in b.context.loops):
                continue  # beside a training step
            seen.add(place.span)
            yield rule.finding(
                place.span,
                f"{forward.module.class_name} is evaluated while autograd records: the graph of each batch is built for nothing",
                help="evaluate under torch.no_grad() or torch.inference_mode()",
            )


def _in_the_loop(forward: Forward) -> Place:
    """The statement of the evaluating loop itself, where the model is called by a function that training uses too."""
    if not forward.context.loops:
        return forward.place
    loop = forward.context.loops[-1].place
    for frame in forward.context.frames:
        call = frame.call
        if call is not None and call.source is loop.source and loop.node.lineno <= call.node.lineno <= (loop.node.end_lineno or 0):
            return call
    return forward.place
