"""Evidence for the loss rules: are the numbers that a loss gets logits, probabilities or log-probabilities?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reglint.checks.objectives import SAME, operation, short
from reglint.knowledge.activations import Activation, Scale, activation
from reglint.knowledge.factories import Output, factory
from reglint.knowledge.losses import LossFact
from reglint.knowledge.losses import loss as loss_fact
from reglint.reader.domain import Collection, Obj, Tuple
from reglint.step.conditions import decided
from reglint.step.trace import Backward, Event, LossComputed, Returned, Trace
from reglint.step.values import Const, Expr, Phi, Value, alternatives, number

BUDGET = 400  # nodes looked at for one input
# Layers with an affine map at their end: their results are not bounded.
_CONVOLUTIONS = "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d"
_NORMS = "BatchNorm1d BatchNorm2d BatchNorm3d LayerNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d"
_FUNCTIONS = "linear bilinear conv1d conv2d conv3d conv_transpose2d batch_norm layer_norm"
_AFFINE = frozenset(f"torch.nn.{name}" for name in f"Linear LazyLinear Bilinear {_CONVOLUTIONS} {_NORMS}".split()) | frozenset(
    f"torch.nn.functional.{name}" for name in _FUNCTIONS.split()
)
# Bent, but on neither scale: ReLU's results have no upper bound, those of the others may be negative.
_BENT = frozenset(["relu", "leaky_relu", "elu", "selu", "gelu", "tanh", "prelu", "silu", "mish"])
# The result holds numbers of the first argument, or averages of them.
_KEEPING = frozenset(
    [
        "same",
        "getitem",
        "gather",
        "index_select",
        "masked_select",
        "masked_fill",
        "masked_fill_",
        "narrow",
        "clamp",
        "clip",
        "clamp_",
        "chunk",
        "split",
        "interpolate",
        "upsample",
        "unbind",
        "take",
        "swapaxes",
        "movedim",
        "unflatten",
        "ravel",
        "repeat",
        "element",
    ]
)
_KEEPING_LAYERS = ("pool", "Pool", "Upsample", "Flatten", "Unflatten", "Identity", "Dropout", "PixelShuffle")


@dataclass(frozen=True, slots=True)
class Scaled:
    """The scale of a tensor, and the expression that put it there (`softmax`, or the layer that gave the logits)."""

    scale: Scale
    by: Expr
    kind: Activation | None = None

    @property
    def classes(self) -> int | None:
        """The number of outputs of the layer below the activation, where it is known."""
        below = self.by.args[0] if self.kind is not None and self.by.args else self.by
        while isinstance(below, Expr) and below.op in _KEEPING and below.args:
            below = below.args[0]
        layer = below.attrs.get("layer") if isinstance(below, Expr) else None
        size = layer.arguments.get("out_features", layer.arguments.get("out_channels")) if isinstance(layer, Obj) else None
        found = number(size) if size is not None else None
        return int(found) if found is not None and found >= 1 else None


def scales(value: Value, left: list[int] | None = None) -> tuple[Scaled, ...] | None:
    """The scale of a value under each condition it depends on; None where one is not known. `left`: nodes that may still be looked at."""
    left = left or [BUDGET]
    left[0] -= 1
    if left[0] <= 0:
        return None
    if isinstance(value, Phi):
        then, other = scales(value.then, left), scales(value.other, left)
        return None if then is None or other is None else then + other
    if isinstance(value, (Tuple, Collection)) and not isinstance(value.items, dict) and value.items:
        found = [scales(item, left) for item in value.items]
        return None if any(one is None for one in found) else tuple(s for one in found if one is not None for s in one)
    return _of(value, left) if isinstance(value, Expr) else None


def _of(value: Expr, left: list[int]) -> tuple[Scaled, ...] | None:
    op, args = operation(value), value.args
    kind = _activation(value)
    if kind is not None:
        if kind.scale is not Scale.ANY:
            return (Scaled(kind.scale, value, kind),)
        bent = op in _BENT or short(value.name).lower() in _BENT
        return (Scaled(Scale.LOGITS, value),) if bent else None
    if op == "layer" or value.name in _AFFINE:
        return _of_layer(value, left)
    if op == "forward":
        model = args[0] if args else None
        known = factory(model.library) if isinstance(model, Obj) and model.cls is None and value.name != "features" else None
        return (Scaled(Scale.LOGITS, value),) if known is not None and known.output is Output.LOGITS else None
    if not args:
        return None
    if op in ("clamp", "clip", "clamp_"):
        kept = scales(args[0], left)
        return None if kept is None or any(s.scale is Scale.LOGITS for s in kept) else kept  # logits may be clamped to [0, 1]
    if op in _KEEPING or op in ("cat", "stack", "concat", "hstack") or (op == "mean" and (len(args) > 1 or value.attrs)):
        return scales(args[0], left)
    return _arithmetic(op, args, left)


def _arithmetic(op: str, args: tuple[Value, ...], left: list[int]) -> tuple[Scaled, ...] | None:
    first = scales(args[0], left)
    if op == "log":
        return _moved(first if first is not None else _log_of_sum(args[0], left), Scale.PROBABILITIES, Scale.LOG_PROBABILITIES)
    if op == "exp":
        return _moved(first, Scale.LOG_PROBABILITIES, Scale.PROBABILITIES)
    if len(args) != 2:
        return None
    if op == "sub" and isinstance(args[0], Const) and args[0].value == 1:
        return _moved(scales(args[1], left), Scale.PROBABILITIES, Scale.PROBABILITIES)
    if op == "div" and not isinstance(args[1], Expr):
        return _moved(first, Scale.LOGITS, Scale.LOGITS)  # by a temperature
    if op in ("add", "sub"):
        second = scales(args[1], left)
        if first is not None and second is not None and all(s.scale is Scale.LOGITS for s in first + second):
            return first
    return None


def _log_of_sum(value: Value, left: list[int]) -> tuple[Scaled, ...] | None:
    """`log(p + eps)`."""
    if isinstance(value, Expr) and operation(value) == "add" and len(value.args) == 2:
        eps = number(value.args[1])
        if eps is not None and 0 < eps < 1e-2:
            return scales(value.args[0], left)
    return None


def _moved(found: tuple[Scaled, ...] | None, of: Scale, to: Scale) -> tuple[Scaled, ...] | None:
    if found is None or any(s.scale is not of for s in found):
        return None
    return tuple(Scaled(to, s.by, s.kind) for s in found)


def _of_layer(value: Expr, left: list[int]) -> tuple[Scaled, ...] | None:
    if value.name in _AFFINE:
        return (Scaled(Scale.LOGITS, value),)
    if value.args and any(word in short(value.name) for word in _KEEPING_LAYERS):
        return scales(value.args[0], left)
    return None


def _activation(value: Expr) -> Activation | None:
    """The activation an expression computes. A method of that name counts where its arguments are those of a tensor's."""
    if value.op == "gumbel_softmax" or value.name.endswith("gumbel_softmax"):
        return None  # samples: often one-hot, and meant
    if value.name:
        return activation(value.name)
    known = activation(f"torch.Tensor.{value.op}")
    is_method = value.args and not isinstance(value.args[0], Obj) and all(isinstance(a, Const) for a in value.args[1:])
    return known if is_method else None


def misfits(trace: Trace) -> Iterator[tuple[LossComputed, LossFact, tuple[Scaled, ...]]]:
    """The losses that are minimised and get numbers on another scale than they expect, on every path; with the scales."""
    losses = list(trace.of(LossComputed))
    for event in training_losses(trace):
        fact, found = loss_fact(event.name), scales(event.input)
        if fact is None or not found or _fits(fact, found) or _chosen_by_what_is_given(event, losses):
            continue  # right on some path, or not known
        yield event, fact, found


def _fits(fact: LossFact, found: tuple[Scaled, ...]) -> bool:
    """Is one of the scales what the loss expects? Log-probabilities are logits of the same softmax."""
    if fact.expects is Scale.LOGITS:
        return any(one.scale is not Scale.PROBABILITIES for one in found)
    return fact.expects not in (Scale.PROBABILITIES, Scale.LOG_PROBABILITIES) or any(one.scale is fact.expects for one in found)


def _chosen_by_what_is_given(event: LossComputed, losses: list[LossComputed]) -> bool:
    """Is it one of several losses for the same numbers, of which another fits, and does something unknown choose?

    Such a condition says which numbers the model gives: who calls sees to it. An option with a default is for this program to get right.
    """
    unknown = [(g.key, g.outcome) for g in event.context.guards if g.default is None]
    mine = _sources(event.input)
    for other in losses if unknown else ():
        instead = any(decided(g.key, unknown) not in (None, g.outcome) for g in other.context.guards)
        if instead and mine & _sources(other.input):
            fact, found = loss_fact(other.name), scales(other.input)
            if fact is None or not found or _fits(fact, found):
                return True
    return False


def _sources(value: Value) -> set[int]:
    """Identities of what a value may be, apart from its shape."""
    found: set[int] = set()
    for one in alternatives(value):
        while isinstance(one, Expr) and one.op in SAME and one.args:
            one = one.args[0]
        found.add(id(one))
    return found


def training_losses(trace: Trace) -> Iterator[LossComputed]:
    """The losses that are minimised: those that reach a backward(), or that a function without a caller gives back."""
    reached = _reached(trace)
    differentiates = any(True for _ in trace.of(Backward))
    for event in trace.of(LossComputed):
        if id(event.result) in reached:
            yield event
        elif event.context.grad is True and not differentiates and not _is_evaluation(event):
            yield event  # handed to something that is not followed, a framework for instance


def _is_evaluation(event: Event) -> bool:
    return any(_speaks_of_evaluation(frame.name) for frame in event.context.frames)


def _speaks_of_evaluation(name: str) -> bool:
    return any(word in name.lower() for word in ("eval", "valid", "test", "predict", "infer", "val_", "metric", "score"))


def _reached(trace: Trace) -> set[int]:
    found: set[int] = set()
    stack: list[Value] = []
    for event in trace.of(Backward, Returned):
        if isinstance(event, Backward):
            stack.append(event.loss)
        elif isinstance(event, Returned) and not _speaks_of_evaluation(event.function):
            stack.append(event.value)
    while stack and len(found) < 20_000:
        top = stack.pop()
        if id(top) in found:
            continue
        found.add(id(top))
        if isinstance(top, Expr):
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, (Tuple, Collection)):
            stack.extend(top.items.values() if isinstance(top.items, dict) else top.items)
    return found
