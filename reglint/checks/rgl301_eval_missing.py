"""RGL301: a model with dropout or batch normalisation is evaluated while it is in training mode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reglint.checks import Rule, rule
from reglint.checks.gradients import optimizers, owners, runs, together
from reglint.checks.graph import flows
from reglint.checks.intent import STOCHASTIC, comments_near, says
from reglint.checks.modes import acting, generates, is_noise, last_switch, may_train_on, named, speaks_of_evaluation
from reglint.findings import Finding, Level, Related
from reglint.step.trace import Backward, Escaped, Event, Forward, LibraryCall, ModeSet, StateLoaded, Stepped, Trace
from reglint.step.values import Value


@rule("RGL301", "eval-missing", Level.WARNING, "a model is evaluated in training mode", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """A call of a trained model that is not trained on, with layers that are known to be in training mode."""
    seen: set[object] = set()
    for events in runs(trace):
        backwards = [e for e in events if isinstance(e, Backward)]
        for forward in events:
            if not isinstance(forward, Forward) or forward.place.span in seen or _at(forward) in seen:
                continue  # reported already, here or at an earlier call of the model in the same function
            layers = [layer for layer in acting(forward.module) if layer.training is True]
            if not layers or not _evaluates(trace, events, forward, backwards) or _on_purpose(events, forward, backwards):
                continue  # eval() was called, nothing depends on it, this is training, or the mode is meant
            seen.update((forward.place.span, _at(forward)))
            where = forward.module.mode_place
            verb = "act" if " and " in named(layers) else "acts"
            related = [Related("the mode was last set here", where.span)] if where is not None else []
            yield rule.finding(
                forward.place.span,
                f"{forward.module.class_name} is evaluated in training mode: {named(layers)} {verb} as in training",
                related=related,
                help="call model.eval() before, and model.train() after if training goes on",
            )


def _at(forward: Forward) -> tuple[int, str, str]:
    frame = forward.context.frames[-1] if forward.context.frames else None
    return forward.module.uid, frame.path if frame else "", frame.name if frame else ""


def _evaluates(trace: Trace, events: Sequence[Event], forward: Forward, backwards: Sequence[Backward]) -> bool:
    """Is the model trained (or loaded) before, and the result used for something else than training?"""
    said = _says_so(trace, events, forward, backwards)
    order = forward.context.order
    earlier = [e for e in events if isinstance(e, (Stepped, StateLoaded)) and e.context.order < order and together(e, forward)]
    trained = any(isinstance(e, Stepped) and _may_hold(trace, e, forward) for e in earlier)
    loaded = any(isinstance(e, StateLoaded) and e.uid == forward.module.uid for e in earlier)
    if (trace.speculative and not trained) or not (trained or loaded):
        return False  # a first call to see shapes; or a method whose callers may set the mode
    if not trained and any(map(is_noise, forward.arguments)):
        return False  # a first call of what was loaded, to see that it runs
    if any(_beside(forward, b) for b in backwards) and not said:
        return False  # beside the training step in one loop body: targets, samples, statistics of the step
    if any(may_train_on(forward, b) for b in backwards) and not said:
        return False  # what it computes may be trained on: rollouts, pseudo labels, features
    if not (forward.context.grad is False or said or bool(backwards) or loaded):
        return False
    return not _is_differentiated(trace, forward, backwards)  # whatever the function is called


def _says_so(trace: Trace, events: Sequence[Event], forward: Forward, backwards: Sequence[Backward]) -> bool:
    """Do the names around the call speak of evaluation? Not those of functions that a training step calls the model by."""
    if not speaks_of_evaluation(forward, backwards):
        return False
    here = (e for e in events if isinstance(e, Forward) and e is not forward and e.place.span == forward.place.span)
    trained = (e for e in here if _is_differentiated(trace, e, backwards))
    return speaks_of_evaluation(forward, backwards, {(f.path, f.name) for e in trained for f in e.context.frames})


def _beside(forward: Forward, backward: Backward) -> bool:
    """Are both in one loop body? There may be a loop of known length around the step: one for each of several networks."""
    mine, theirs = forward.context.loops, backward.context.loops
    inner = theirs[len(mine) :]
    return bool(mine) and theirs[: len(mine)] == mine and (not inner or (inner[0].over == "items" and mine[-1].over != "epochs"))


def _is_differentiated(trace: Trace, forward: Forward, backwards: Sequence[Backward]) -> bool:
    """Is a gradient taken of the result in the same pass?"""
    taken: list[tuple[Event, Value]] = [(b, b.loss) for b in backwards]
    for call in trace.of(LibraryCall):
        if call.name == "torch.autograd.grad":
            taken += [(call, given) for given in (*call.positional, *call.keywords.values())[:1]]
    return any(
        event.context.loops == forward.context.loops and may_train_on(forward, event) and flows(forward.result, value)
        for event, value in taken
    )


def _may_hold(trace: Trace, step: Stepped, forward: Forward) -> bool:
    """Can the optimizer that steps hold parameters of the model? Not if it is known and its parameters are all another model's."""
    optimizer = optimizers(trace).get(step.optimizer)
    if optimizer is None or not forward.module.resolved:
        return optimizer is None or forward.module.uid in owners(optimizer) or not owners(optimizer)
    return any(g.params.members is None or {p.uid for p in g.params.members} & forward.module.owned for g in optimizer.groups)


def _on_purpose(events: Sequence[Event], forward: Forward, backwards: Sequence[Backward]) -> bool:
    names = [frame.name for frame in forward.context.frames]
    if says(STOCHASTIC, forward.module.class_name, comments_near(forward.place), *names):
        return True
    if generates(forward.module) or (
        forward.context.loops and not speaks_of_evaluation(forward, backwards) and any(map(is_noise, forward.arguments))
    ):
        return True  # samples of a generator
    if any(isinstance(e, ModeSet) and e.module is None and e.training is not True and together(e, forward) for e in events):
        return True  # eval() of something unknown, which may be this model
    if any(isinstance(e, Escaped) and forward.module.uid in e.uids and e.context.order < forward.context.order for e in events):
        return False  # its mode is known again: somebody set it since
    switch = last_switch(events, forward, forward.module)
    if switch is None or switch.training is not True:
        return False
    since = [b for b in backwards if b.context.order > switch.context.order and b.context.order < forward.context.order]
    # train() right before a loop that only calls the model: batch statistics are estimated, or dropout is sampled.
    inside = bool(forward.context.loops) and [loop.uid for loop in switch.context.loops] == [loop.uid for loop in forward.context.loops]
    return not since and not inside
