"""Evidence for RGL114: how many dimensions a tensor is shown to have, and which gradients a value is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reglint.reader.domain import Collection, Obj, Param, Tuple
from reglint.reader.written import written_call
from reglint.step.trace import Forward, Trace
from reglint.step.values import Const, Expr, Phi, Value

BUDGET = 80  # nodes looked at for one tensor
MAKERS = frozenset("rand randn zeros ones empty full normal random random_sample uniform".split())
LIKE = frozenset("rand_like randn_like zeros_like ones_like empty_like Tensor FloatTensor tensor as_tensor from_numpy Variable".split())
ELEMENTWISE = frozenset("add sub mul div pow neg abs square tanh relu sigmoid clamp exp log lerp detach data".split())
KEPT = frozenset("to cuda cpu float double half bfloat16 type type_as contiguous clone requires_grad_ long permute transpose".split())
IMAGE_LAYERS = frozenset(f"torch.nn.{name}" for name in ("Conv2d", "ConvTranspose2d", "BatchNorm2d", "InstanceNorm2d"))
SHAPED = frozenset({"view", "reshape", "expand", "repeat"})
RESHAPING = SHAPED | {"unsqueeze", "squeeze", "flatten", "Flatten", "expand_as", "view_as", "t"}


def least_rank(value: Value, left: list[int] | None = None) -> int:
    """The number of dimensions a tensor has at least; 0 where nothing shows it. Broadcasting never takes dimensions away."""
    left = left or [BUDGET]
    left[0] -= 1
    if left[0] <= 0:
        return 0
    if isinstance(value, Param):
        return value.ndim or 0
    if isinstance(value, Phi):
        return min(least_rank(value.then, left), least_rank(value.other, left))
    if not isinstance(value, Expr):
        return 0
    op = value.op.removesuffix("_")
    if op in MAKERS and value.name.startswith(("torch.", "numpy.")):
        return _sizes(value)
    if op == "same":
        return _moved(value, left)
    if op in LIKE or (op == "attribute" and value.name == "data"):
        return least_rank(value.args[0], left) if value.args else 0
    if op in ELEMENTWISE:
        return max((least_rank(arg, left) for arg in value.args), default=0)
    if op == "layer":
        layer = value.attrs.get("layer")
        return 4 if isinstance(layer, Obj) and layer.library.endswith("2d") else 0
    return 4 if op in ("conv2d", "conv_transpose2d") else 0


def _sizes(made: Expr) -> int:
    given = made.attrs.get("size")
    sizes = (given,) if given is not None else made.args[-1:] if made.op in ("normal", "uniform") else made.args
    if made.op == "full" or (len(sizes) == 1 and isinstance(sizes[0], (Tuple, Collection))):
        shape = sizes[0] if sizes else None
        return len(shape.items) if isinstance(shape, Tuple) or (isinstance(shape, Collection) and not shape.open) else 0
    return len(sizes) if len(sizes) > 1 and made.op not in ("normal", "uniform") else 0


def _moved(value: Expr, left: list[int]) -> int:
    """Of a method that gives the same numbers, perhaps in another shape."""
    method = value.name.rpartition(".")[2]
    if method in SHAPED:
        written = written_call(value.place) if value.place is not None else None
        return len(written.arguments) if written is not None and len(written.arguments) > 1 else 0
    inner = least_rank(value.args[0], left)
    if method == "unsqueeze":
        return inner + 1 if inner else 0
    return inner if method in KEPT else 0


@dataclass(frozen=True, slots=True)
class Gradient:
    """`call` is torch.autograd.grad(...), `of` the tensor whose gradient is taken."""

    call: Expr
    of: Value

    @property
    def output(self) -> Value | None:
        """What is differentiated."""
        return self.call.attrs.get("outputs", self.call.args[0] if self.call.args else None)

    @property
    def differentiable(self) -> bool:
        """May the gradient have a gradient itself? Not if create_graph is left at its default or switched off."""
        given = self.call.attrs.get("create_graph", self.call.args[4] if len(self.call.args) > 4 else Const(False))
        return not (isinstance(given, Const) and not given.value and not given.adjustable)


def gradient(value: Value) -> Gradient | None:
    """The gradient that a value is, in its own shape; None where it is something else or was reshaped."""
    while isinstance(value, Expr) and value.op == "same" and value.args and value.name.rpartition(".")[2] in KEPT:
        value = value.args[0]
    if not isinstance(value, Expr) or value.op != "getitem" or len(value.args) != 2:
        return None
    call, index = value.args
    if not isinstance(call, Expr) or call.op != "grad" or call.name != "torch.autograd.grad":
        return None
    inputs = call.attrs.get("inputs", call.args[1] if len(call.args) > 1 else None)
    if isinstance(inputs, (Tuple, Collection)) and not isinstance(inputs.items, dict):
        at = index.value if isinstance(index, Const) else None
        inputs = inputs.items[at] if isinstance(at, int) and -len(inputs.items) <= at < len(inputs.items) else None
    return Gradient(call, inputs) if inputs is not None else None


def gradient_rank(trace: Trace, taken: Gradient) -> int:
    """The number of dimensions a gradient has at least, as its tensor or the first layer of the model that took it shows."""
    rank = least_rank(taken.of)
    for forward in trace.of(Forward):
        if any(arg is taken.of for arg in forward.arguments) and _is_part(taken.output, forward.result):
            # Calls of the same kind share their result: it ends at what the first of them was given.
            inputs = {id(arg) for other in trace.of(Forward) if other.result is forward.result for arg in other.arguments}
            rank = max(rank, 4 if _first_layer(forward.result, inputs) in IMAGE_LAYERS else 0)
    return rank


def _is_part(output: Value | None, result: Value) -> bool:
    """Is a differentiated value what a model gave, or its sum?"""
    while output is not None and output is not result:
        output = output.args[0] if isinstance(output, Expr) and output.args else None
    return output is result


def _first_layer(result: Value, inputs: set[int]) -> str:
    """The layer that a model begins with: the deepest one on the way of the first arguments; empty where something reshapes before it."""
    found, steps = "", 0
    while isinstance(result, (Expr, Phi)) and id(result) not in inputs and steps < 4 * BUDGET:
        steps += 1
        if isinstance(result, Phi):
            result = result.then
            continue
        layer = result.attrs.get("layer")
        if isinstance(layer, Obj):
            found = layer.library if layer.cls is None else ""
        elif not (result.op in ELEMENTWISE or (result.op == "same" and result.name.rpartition(".")[2] not in RESHAPING)):
            found = ""  # whatever this gives has another shape, for all one can tell
        if not result.args:
            break
        result = result.args[-1] if result.op == "call" else result.args[0]
    return found


def gradients_alone(value: Value) -> Iterator[Gradient]:
    """The gradients that a value is computed from; none where anything else that is trained goes into it."""
    found: list[Gradient] = []
    stack, seen = [value], set[int]()
    while stack and len(seen) < BUDGET:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr) and top.op == "getitem" and top.args and isinstance(top.args[0], Expr) and top.args[0].op == "grad":
            inner = gradient(top)
            if inner is None:
                return
            found.append(inner)
        elif isinstance(top, Expr) and top.op in ("criterion", "layer", "forward", "attention", "call", "grad"):
            return
        elif isinstance(top, Expr):
            stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif not isinstance(top, Const):
            return  # a parameter, a tensor of which nothing is known
    yield from found
