"""Training or evaluation: which layers act, when a model is trained and when it is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from reglint.checks.gradients import between, together
from reglint.checks.graph import flows
from reglint.source import Place
from reglint.step.model import Optimizer
from reglint.step.trace import Backward, Event, Forward, LayerInfo, ModeSet, ModuleInfo, Stepped, SteppedByHand
from reglint.step.values import Expr, Value, alternatives, number

EVALUATES = re.compile(
    r"(?<![a-z])(eval|evaluate|evaluation|vali|valid|validate|validation|val|test|testing|dev|infer|inference|predict|prediction|accuracy)(?![a-z])"
    r"|(?<![a-z])(val|valid|eval|test|dev) ?(data)? ?(loader|set|iter|data|dl)",
    re.IGNORECASE,
)  # fmt: skip
TRAINS = re.compile(r"train|fit|learn", re.IGNORECASE)
GENERATES = re.compile(r"^(net)?[GD]$|gen(erator)?|discriminator|critic|gan|noise|prenet|decoder|actor|policy|sampl", re.IGNORECASE)
RANDOM = frozenset({"randn", "rand", "normal", "randn_like", "rand_like", "uniform_", "normal_", "FloatTensor"})


def acting(module: ModuleInfo) -> tuple[LayerInfo, ...]:
    """The layers that make a difference between train() and eval(): used, with a rate above 0 or running statistics."""
    return tuple(layer for layer in module.layers if layer.called and _acts(layer))


def _acts(layer: LayerInfo) -> bool:
    if layer.rate is None:
        return ("Norm" in layer.kind and layer.tracks_statistics) or layer.kind == "torch.nn.Dropout"
    rates = [number(one) for one in alternatives(layer.rate)]
    return all(rate is not None and rate > 0 for rate in rates)


def named(layers: Iterable[LayerInfo]) -> str:
    """`Dropout(0.5) and BatchNorm1d`: the kinds of layers, each once, at most two."""
    kinds: dict[str, str] = {}
    for layer in layers:
        short = layer.kind.rpartition(".")[2]
        rate = number(layer.rate) if layer.rate is not None else None
        kinds.setdefault(short, short if rate is None else f"{short}({rate:g})")
    shown = list(kinds.values())[:2]
    return " and ".join(shown)


def concerns(switch: ModeSet, module: ModuleInfo) -> bool:
    """Does a mode switch reach the module or a layer of it?"""
    if switch.module is None:
        return False
    reached = {switch.module.uid, *(layer.uid for layer in switch.module.layers)}
    return module.uid in reached or any(layer.uid in reached for layer in module.layers)


def last_switch(events: Sequence[Event], event: Event, module: ModuleInfo) -> ModeSet | None:
    """The last mode switch before an event that can have happened and reaches the module."""
    order = event.context.order
    for one in reversed(events):
        if one.context.order < order and isinstance(one, ModeSet) and concerns(one, module) and together(one, event):
            return one
    return None


def may_train_on(forward: Forward, backward: Event) -> bool:
    """Can the result of the call flow into the backward pass? Not if that comes earlier, or in a later pass of a loop they share."""
    if backward.context.order < forward.context.order or not together(forward, backward):
        return False
    for mine, theirs in zip(forward.context.loops, backward.context.loops, strict=False):
        if mine == theirs:
            continue
        return mine.uid != theirs.uid
    return True


def trains(forward: Forward, events: Sequence[Event], built: Mapping[int, Optimizer]) -> bool:
    """Does a gradient come back through the call, and does a step in the same pass move the network by it?"""
    for b in events:
        if not isinstance(b, Backward) or b.context.loops != forward.context.loops or not may_train_on(forward, b):
            continue  # of another loop or pass
        if flows(forward.result, b.loss) and any(_may_move(step, forward.module, built) for step in _steps_after(b, events)):
            return True
    return False


def _steps_after(backward: Event, events: Sequence[Event]) -> Iterator[Event]:
    """The steps that follow in the same pass of the loops that they share."""
    for step in between(events, backward, events[-1], Stepped, SteppedByHand):
        loops = zip(backward.context.loops, step.context.loops, strict=False)
        if together(backward, step) and all(mine == theirs for mine, theirs in loops):
            yield step


def _may_move(step: Event, module: ModuleInfo, built: Mapping[int, Optimizer]) -> bool:
    """May the step move parameters of the network? Not where all that its optimizer holds is shown to be others."""
    optimizer = built.get(step.optimizer) if isinstance(step, Stepped) else None
    if optimizer is None or not optimizer.groups:
        return True  # by hand, or of an optimizer of which nothing is known
    for group in optimizer.groups:
        owned = {parameter.uid for parameter in (*(group.params.members or ()), *group.params.seen)}
        if module.uid in group.params.owners or owned & module.owned or not (owned or group.params.owners):
            return True
    return False


def speaks_of_evaluation(forward: Forward, backwards: Sequence[Backward], training: Set[tuple[str, str]] = frozenset()) -> bool:
    """Does a function or loop around the call that holds no backward() say so in its name?

    `training`: path and name of functions that training goes through as well, whatever they are called.
    """
    training_frames = {f.uid for b in backwards for f in b.context.frames}
    training_loops = {loop.uid for b in backwards for loop in b.context.loops}
    names = [f.name.rpartition(".")[2] for f in forward.context.frames if f.uid not in training_frames and (f.path, f.name) not in training]
    if any(EVALUATES.search(n.replace("_", " ")) and not TRAINS.search(n) for n in names):
        return True
    heads = [_line(loop.place) for loop in forward.context.loops if loop.uid not in training_loops]
    return any(EVALUATES.search(head.replace("_", " ")) and not TRAINS.search(head) for head in heads)


def _line(place: Place) -> str:
    return place.source.lines[place.node.lineno - 1]


def is_noise(value: Value, depth: int = 5) -> bool:
    """Is it drawn at random, such as the input of a generator?"""
    if isinstance(value, Expr) and depth:
        if value.op in RANDOM or value.name.rpartition(".")[2] in RANDOM:
            return True
        return any(is_noise(a, depth - 1) for a in value.args[:1])
    return False


def generates(module: ModuleInfo) -> bool:
    """A generator, a policy or the like: drawing from it in training mode is usual."""
    return bool(GENERATES.search(module.class_name))
