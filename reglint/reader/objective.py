"""The objective: a loss expression split into addends, each a data term or a penalty on parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reglint.reader import modules
from reglint.reader.domain import Collection, Each, Param, Params, Tuple, is_plain
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.model import Number, PenaltyForm, Reduction
from reglint.step.values import Condition, Const, Expr, Phi, Unknown, Value, alternatives

MAX_ADDENDS = 64
MAX_NODES = 400
MOST_LEAVES = 2000  # values looked at in one expression
CUTS = frozenset({"detach", "detach_", "item", "data", "numpy", "tolist", "argmax", "tensor", "as_tensor", "from_numpy"})
PASSING = frozenset({"same", "scaled", "squeeze", "clone", "contiguous", "requires_grad_", "reshape", "view", "flatten"})
# The number of samples, by which a sum over them multiplies whatever is the same for all of them.
SAMPLES = Unknown("the sum over the samples adds it once for each", "batch size")
# Computed from data: by a model, or by a backward pass.
COMPUTED = frozenset({"layer", "forward", "attention", "grad"})
PRODUCTS = frozenset("matmul mm mv bmm linear einsum conv1d conv2d conv3d addmm".split())
FRESH = frozenset("randn rand randint normal randn_like rand_like randperm bernoulli linspace arange from_numpy uniform".split())
FACTOR_FREE = frozenset({"getitem", "attribute", "call", "len", "item", "data", "compare", "size", "index", "element"})


@dataclass(frozen=True, slots=True)
class Addend:
    """One term of a sum: `value` times the product of `factors` (with power +1 or -1), under `conditions`.

    `added` is the outermost addition one side of which is made of parameters alone: where a penalty joins the loss.
    `reduced`: the sums and means over samples that it stands in, from the outside inwards; `part` is one over some dimensions.
    """

    value: Value
    factors: tuple[tuple[Value, int], ...] = ()
    conditions: tuple[tuple[Condition, bool], ...] = ()
    connected: bool = True
    place: Place | None = None
    added: Place | None = None
    reduced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A penalty's shape: c·form(w) over some parameters. `inner` are factors found inside it."""

    form: PenaltyForm
    over: tuple[Value, ...]
    factors: tuple[tuple[Value, int], ...] = ()
    connected: bool = True
    place: Place | None = None
    dims: bool = False
    centred: bool = True


def addends(m: Machine, value: Value, seed: Addend | None = None) -> Iterator[Addend]:
    """Split a value into the terms it is a sum of."""
    budget = [MAX_ADDENDS]
    yield from _split(m, value, seed or Addend(value), budget)


def _split(m: Machine, value: Value, at: Addend, budget: list[int]) -> Iterator[Addend]:
    budget[0] -= 1
    if budget[0] < 0:
        return
    here = value.place if isinstance(value, Expr) and value.place is not None else at.place
    if isinstance(value, Phi):
        for outcome, side in ((True, value.then), (False, value.other)):
            if (value.condition, not outcome) not in at.conditions:
                yield from _split(m, side, replace(at, conditions=(*at.conditions, (value.condition, outcome))), budget)
        return
    if isinstance(value, Expr):
        inner = replace(at, place=here)
        match value.op:
            case "add" | "sub":
                first, second = value.args[0], value.args[1]
                alpha = value.attrs.get("alpha")
                minus = ((Const(-1), 1),) if value.op == "sub" else ()
                extra = ((alpha, 1),) if alpha is not None else ()
                for side, other, more in ((first, second, ()), (second, first, minus + extra)):
                    more += _copies(m, side, other, inner)
                    joins = inner.added is None and _without_data(side)
                    added = here if joins else inner.added
                    yield from _split(m, side, replace(inner, factors=inner.factors + more, added=added), budget)
                return
            case "neg":
                yield from _split(m, value.args[0], replace(inner, factors=(*inner.factors, (Const(-1), 1))), budget)
                return
            case "mul" | "div" if len(value.args) == 2 and not _is_written_out(m, value):
                loss, factor, power = _factor(value)
                if loss is not None:
                    yield from _split(m, loss, replace(inner, factors=(*inner.factors, (factor, power))), budget)
                    return
            case "sum" | "mean" | "total" if value.args:
                target = value.args[0]
                if isinstance(target, Expr) and target.op in ("stack", "cat", "tensor") and target.args:
                    target = target.args[0]
                if isinstance(target, (Tuple, Collection)) and not isinstance(getattr(target, "items", None), dict):
                    if value.op == "mean":
                        inner = replace(inner, factors=(*inner.factors, (Const(len(target.items) or 1), -1)))
                    for one in target.items:
                        yield from _split(m, one, inner, budget)
                    return
                if _is_scalar_loss(target):
                    yield from _split(m, target, inner, budget)
                    return
                if value.op != "total" and (_is_unreduced(target) or _joins_penalty(m, target)):
                    yield from _split(m, target, replace(inner, reduced=(*inner.reduced, _extent(value))), budget)
                    return
            case op if op in PASSING and value.args:
                yield from _split(m, value.args[0], at, budget)
                return
            case op if op in CUTS and value.args and op not in ("tensor", "as_tensor"):
                yield from _split(m, value.args[0], replace(inner, connected=False), budget)
                return
    if isinstance(value, Const):
        if value.value == 0:
            return  # the start of a sum
    yield replace(at, value=value, place=here)


def _is_written_out(m: Machine, value: Value) -> bool:
    """Is it a loss without a criterion, whose factors are part of it: `(y_hat - y) ** 2 / 2`?"""
    holds_criterion = any(isinstance(leaf, Expr) and leaf.op == "criterion" for leaf in leaves(value, True))
    return not holds_criterion and is_data(value) and not _joins_penalty(m, value)


def _extent(reduction: Expr) -> str:
    return reduction.op if len(reduction.args) == 1 and not reduction.attrs else "part"


def _is_unreduced(value: Value) -> bool:
    """Is it the losses of the samples that a criterion gives, times anything?"""
    if isinstance(value, Phi):
        return _is_unreduced(value.then) and _is_unreduced(value.other)
    if not isinstance(value, Expr):
        return False
    if value.op == "criterion":
        reduction = value.attrs.get("reduction")
        return isinstance(reduction, Const) and reduction.value == "none" and not parameters_only(value)
    if value.op in ("sum", "mean"):  # over some dimensions first
        return _extent(value) == "part" and _is_unreduced(value.args[0])
    if value.op in ("mul", "div") and len(value.args) == 2:
        loss = _factor(value)[0]
        return loss is not None and _is_unreduced(loss)
    if value.op in ("add", "sub"):
        return all(map(_is_unreduced, value.args[:2]))
    return (value.op in PASSING or value.op == "neg") and bool(value.args) and _is_unreduced(value.args[0])


def _joins_penalty(m: Machine, value: Value) -> bool:
    """Is it a sum with a penalty on parameters beside something else?"""
    if not isinstance(value, Expr):
        return False
    if value.op in ("add", "sub"):
        alone = [shape(m, _term(side)) is not None for side in value.args[:2]]
        return not all(alone) and (any(alone) or any(_joins_penalty(m, side) for side in value.args[:2]))
    if value.op in ("mul", "div") and len(value.args) == 2:
        loss = _factor(value)[0]
        return loss is not None and _joins_penalty(m, loss)
    return (value.op in PASSING or value.op == "neg") and bool(value.args) and _joins_penalty(m, value.args[0])


def _term(value: Value) -> Value:
    """A product without its factors."""
    while isinstance(value, Expr) and value.op in ("mul", "div", "neg") and value.args:
        inner = value.args[0] if value.op == "neg" else _factor(value)[0]
        if inner is None:
            break
        value = inner
    return value


def _copies(m: Machine, side: Value, other: Value, at: Addend) -> tuple[tuple[Value, int], ...]:
    """How often a penalty is in a sum or mean over samples that it was added to before they were reduced."""
    if not at.reduced:
        return ()
    found = shape(m, _term(side))
    if found is None:
        return ()
    if found.form is PenaltyForm.OTHER or at.reduced[-1] == "part":
        return ((Unknown("reduced together with the losses of the samples"), 1),)
    if at.reduced[-1] == "mean":
        return ()  # the mean of what is the same for all samples is that
    return ((SAMPLES if is_per_sample(other) else Unknown("summed together with an unknown number of losses"), 1),)


def is_per_sample(value: Value, left: list[int] | None = None) -> bool:
    """Is it shown to hold a number for each sample: computed element by element from what a model, or a product with data, gives?

    `left` is how many nodes may still be looked at: shared ones are met on every way to them.
    """
    left = left or [MAX_NODES]
    left[0] -= 1
    if left[0] <= 0:
        return False
    if isinstance(value, Phi):
        return is_per_sample(value.then, left) and is_per_sample(value.other, left)
    if not isinstance(value, Expr):
        return False
    if value.op == "criterion":
        reduction = value.attrs.get("reduction")
        return isinstance(reduction, Const) and reduction.value == "none"
    if value.op in ("layer", "forward") or value.op in PRODUCTS:
        return not parameters_only(value)
    if value.op in ("sum", "mean"):
        return _extent(value) == "part" and is_per_sample(value.args[0], left)
    elementwise = value.op in PASSING or value.op in ("add", "sub", "mul", "div", "neg", "pow", "square", "abs", "log", "exp")
    return elementwise and any(is_per_sample(a, left) for a in value.args)


def is_data(value: Value) -> bool:
    """Is it a loss that is written out: computed from data by a model, or by parameters and at least two things besides?"""
    found = used = False
    others: set[int] = set()
    stack, seen = [value], set[int]()
    while stack and len(seen) < 500:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        match top:
            case Expr(op="layer" | "forward"):
                return True
            case Expr(op="call" | "grad"):
                return False  # of something unknown, or of second order
            case Expr(op="getitem" | "attribute" | "element" | "data") if not _parameters_in(top):
                others.add(id(top))
            case Expr():
                used = used or top.op in PRODUCTS
                if top.op in FRESH or not top.args:
                    others.add(id(top))
                else:
                    stack.extend(top.args)
            case Phi():
                stack.extend((top.then, top.other))
            case Param() | Each():
                found = True
            case Unknown():
                others.add(id(top))
            case _:
                pass
    return found and len(others) > (0 if used else 1)


def _parameters_in(value: Value) -> bool:
    return any(isinstance(leaf, (Param, Each, Params)) for leaf in leaves(value, True))


def _without_data(value: Value) -> bool:
    """Does a parameter stand in it, and no criterion?"""
    found = False
    for leaf in leaves(value, True):
        if isinstance(leaf, Expr) and leaf.op == "criterion":
            return False
        found = found or isinstance(leaf, (Param, Each, Params))
    return found


def _is_scalar_loss(value: Value, left: list[int] | None = None) -> bool:
    """Is it a sum of losses that are scalars already, so that .mean() or .sum() changes nothing? `left` as above."""
    left = left or [MAX_NODES]
    left[0] -= 1
    if left[0] > 0 and isinstance(value, Expr):
        if value.op == "criterion":
            reduction = value.attrs.get("reduction")
            return isinstance(reduction, Const) and reduction.value in ("mean", "sum", "batchmean")
        if value.op in ("add", "sub", "mul", "div"):
            return any(_is_scalar_loss(a, left) for a in value.args)
    return False


def _factor(value: Expr) -> tuple[Value | None, Value, int]:
    """Which side of a product is the term, which the factor; None where both may be terms."""
    left, right = value.args
    if value.op == "div":
        return left, right, -1
    if _is_plain(right) and not _is_plain(left):
        return left, right, 1
    if _is_plain(left) and not _is_plain(right):
        return right, left, 1
    if has_term(left) and not has_term(right):
        return left, right, 1
    if has_term(right) and not has_term(left):
        return right, left, 1
    return None, left, 1


def _is_plain(value: Value) -> bool:
    """A number, or an unknown that nothing shows to be a tensor of the model."""
    return all(isinstance(v, Const) for v in alternatives(value))


def keeps_graph(value: Value, depth: int = 40) -> bool:
    """May it be a loss (or a sum of such) whose graph is still attached? What a call of something unknown gives may be one."""
    if isinstance(value, Phi):
        return keeps_graph(value.then, depth) or keeps_graph(value.other, depth)
    if not isinstance(value, Expr) or not depth or value.op in CUTS or value.name in ("data", "item"):
        return False
    if value.op in ("criterion", "call", "forward"):
        return True
    return (value.op in PASSING or value.op in ("add", "sub", "mul", "div", "neg", "sum", "mean", "total")) and any(
        keeps_graph(a, depth - 1) for a in value.args
    )


def has_term(value: Value) -> bool:
    """Does a criterion or a parameter stand in it? Asked of every argument, so without the detour over `leaves`."""
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < MOST_LEAVES:
        top = stack.pop()
        if isinstance(top, Expr):
            if top.op == "criterion":
                return True
            if top.args and id(top) not in seen:
                seen.add(id(top))
                stack += top.args
        elif isinstance(top, (Param, Params, Each)):
            return True
        elif id(top) not in seen:
            seen.add(id(top))
            stack += within(top)
    return False


def within(value: Value) -> tuple[Value, ...]:
    """The sides of a choice, what a tuple or a list holds; nothing of any other value."""
    if isinstance(value, Phi):
        return (value.then, value.other)
    if isinstance(value, (Tuple, Collection)) and not isinstance(value.items, dict):
        return tuple(value.items)
    return ()


def leaves(value: Value, criteria: bool = False) -> Iterator[Value]:
    """The leaves of an expression, each once; with `criteria`, a criterion is a leaf."""
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < MOST_LEAVES:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        match top:
            case Expr(op="criterion") if criteria:
                yield top
            case Expr():
                if not top.args:
                    yield top
                stack.extend(top.args)
            case Phi():
                stack.extend((top.then, top.other))
            case Tuple() | Collection() if not isinstance(top.items, dict):
                stack.extend(top.items)
            case _:
                yield top


# -- penalties ---------------------------------------------------------------------------------------------------------


def shape(m: Machine, value: Value) -> Shape | None:
    """The shape of a penalty on parameters; None where the value is no function of parameters alone."""
    found = parameters_only(value)
    if not found or is_tensor(value):
        return None
    made = _shape(m, value)
    return made if made is not None else Shape(PenaltyForm.OTHER, tuple(found), place=_place(value))


def is_tensor(value: Value) -> bool:
    """Is it a plain tensor itself, such as the zero that a sum starts with?"""
    while isinstance(value, Expr) and value.op in PASSING and value.args:
        value = value.args[0]
    return is_plain(value)


def _place(value: Value) -> Place | None:
    return value.place if isinstance(value, Expr) else None


def parameters_only(value: Value) -> list[Value]:
    """The parameters that a value is computed from; none where anything but numbers and parameters goes into it."""
    found: list[Value] = []
    seen: set[int] = set()
    stack = [value]
    while stack and len(seen) < MOST_LEAVES:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        match top:
            case Expr(op="criterion"):
                parts = [parameters_only(arg) for arg in top.args]
                inner = [one for part in parts for one in part]
                fed = any(not part and not _is_plain(arg) for part, arg in zip(parts, top.args, strict=True))
                if not inner or (fed and all(map(is_plain, inner))):
                    return []  # a loss of data
                found.extend(inner)
            case Expr():
                if _is_fed(top):
                    return []
                stack.extend(top.args)
            case Phi():
                stack.extend((top.then, top.other))
            case Tuple() | Collection() if not isinstance(top.items, dict):
                stack.extend(top.items)
            case Param() | Params() | Each(aspect="tensor"):
                found.append(top)
            case Const() | Each():
                pass
            case _:
                return []
    return found


def _is_fed(value: Expr) -> bool:
    """Does something go into it that is neither a number nor a parameter: data, a model's output, a gradient?"""
    if not value.args or value.op in COMPUTED or (value.op == "attribute" and value.name == "grad"):
        return True
    if value.op in ("tensor", "as_tensor", "Tensor", "FloatTensor", "array"):
        return isinstance(value.args[0], (Tuple, Collection)) and not _parameters_in(value.args[0])
    return value.op in FRESH or (value.op == "call" and not value.name.startswith("math.") and not _parameters_in(value))


def _shape(m: Machine, value: Value) -> Shape | None:
    if not isinstance(value, Expr):
        return None
    op, args, place = value.op, value.args, value.place
    if op in PASSING or op in ("total",):
        return _shape(m, args[0]) if args else None
    if op in CUTS and args:
        inner = _shape(m, args[0])
        return replace(inner, connected=False) if inner is not None else None
    if op in ("mul", "div") and len(args) == 2:
        same = m.interner.key(args[0]) == m.interner.key(args[1])
        if op == "mul" and same:
            inner = _shape(m, args[0])
            return _squared(inner, place)
        if isinstance(args[1], Const):
            inner = _shape(m, args[0])
            return replace(inner, factors=(*inner.factors, (args[1], 1 if op == "mul" else -1))) if inner is not None else None
        if isinstance(args[0], Const) and op == "mul":
            inner = _shape(m, args[1])
            return replace(inner, factors=(*inner.factors, (args[0], 1))) if inner is not None else None
        return None
    exponent = _exponent(value)
    if exponent is not None:
        inner = _shape(m, args[0] if args else next(iter(value.attrs.values())))
        return _squared(inner, place) if exponent == 2 and inner is not None and inner.form is PenaltyForm.NORM else None
    if op in ("norm", "vector_norm", "matrix_norm"):
        return _norm(value)
    if op == "sqrt" and args:
        inner = _shape(m, args[0])
        return replace(inner, form=PenaltyForm.NORM) if inner is not None and inner.form is PenaltyForm.L2 and not inner.factors else None
    if op == "sum" and args:
        return _summed(m, value)
    if op in ("dot", "inner", "vdot") and len(args) == 2 and m.interner.key(args[0]) == m.interner.key(args[1]):
        over = _tensor(args[0])
        return Shape(PenaltyForm.L2, over[0], (), over[1], place) if over is not None else None
    return None


def _squared(inner: Shape | None, place: Place | None) -> Shape | None:
    if inner is None or inner.form is not PenaltyForm.NORM or inner.dims:
        return None
    form = PenaltyForm.L2 if inner.centred else PenaltyForm.OTHER  # towards other weights: L2-SP, EWC, FedProx
    return replace(inner, form=form, factors=inner.factors + inner.factors, place=place)


def _exponent(value: Expr) -> float | None:
    """The exponent of a power, however it is spelled."""
    if value.op in ("square", "square_"):
        return 2.0
    if value.op in ("pow", "pow_"):
        given = value.args[1] if len(value.args) > 1 else value.attrs.get("exponent")
        if isinstance(given, Const) and isinstance(given.value, (int, float)):
            return float(given.value)
    return None


def _norm(value: Expr) -> Shape | None:
    base = value.args[0] if value.args else value.attrs.get("input")
    centred = not (isinstance(base, Expr) and base.op == "sub" and len(base.args) == 2 and all(_tensor(a) for a in base.args))
    if isinstance(base, Expr) and not centred:
        base = base.args[0]
    over = _tensor(base) if base is not None else None
    if over is None:
        return None
    order = value.attrs.get("p", value.attrs.get("ord", value.args[1] if len(value.args) > 1 else Const(2)))
    order_given = [n for n in ("p", "ord") if n in value.attrs] or value.args[1:]
    dims = any(n in value.attrs for n in ("dim", "axis", "keepdim")) or len(value.args) > 2
    if dims or not isinstance(order, Const):
        return Shape(PenaltyForm.OTHER, over[0], (), over[1], value.place, True)
    if value.name == "torch.linalg.norm" and order.value in (1, 2) and len(order_given) and not _is_vector(over[0]):
        return Shape(PenaltyForm.OTHER, over[0], (), over[1], value.place)  # of a matrix: its largest singular value or column sum
    if order.value in (2, 2.0, "fro", None):
        return Shape(PenaltyForm.NORM, over[0], (), over[1], value.place, False, centred)
    if order.value == 1:
        return Shape(PenaltyForm.L1, over[0], (), over[1], value.place)
    return Shape(PenaltyForm.OTHER, over[0], (), over[1], value.place)


def _is_vector(over: tuple[Value, ...]) -> bool:
    return all(isinstance(one, Param) and one.ndim == 1 for one in over)


def _summed(m: Machine, value: Expr) -> Shape | None:
    inner = value.args[0]
    factors: tuple[tuple[Value, int], ...] = ()
    while isinstance(inner, Expr) and inner.op in ("mul", "div") and len(inner.args) == 2:
        if isinstance(inner.args[1], Const):
            factors, inner = (*factors, (inner.args[1], 1 if inner.op == "mul" else -1)), inner.args[0]
        elif isinstance(inner.args[0], Const) and inner.op == "mul":
            factors, inner = (*factors, (inner.args[0], 1)), inner.args[1]
        else:
            break
    if not isinstance(inner, Expr):
        return None
    squared = _exponent(inner) == 2.0
    if inner.op == "mul" and len(inner.args) == 2 and m.interner.key(inner.args[0]) == m.interner.key(inner.args[1]):
        squared = True
    base = inner.args[0] if inner.args else inner.attrs.get("input", inner)
    over = _tensor(base)
    if over is None:
        return _shape(m, inner) if inner.op not in ("add", "sub") else None  # the sum of what is a scalar already
    if squared:
        return Shape(PenaltyForm.L2, over[0], factors, over[1], value.place)
    if inner.op == "abs":
        return Shape(PenaltyForm.L1, over[0], factors, over[1], value.place)
    return None


def _tensor(value: Value) -> tuple[tuple[Value, ...], bool] | None:
    """The parameters that a plain tensor expression is, and whether the gradient reaches them."""
    connected = True
    while (
        isinstance(value, Expr)
        and value.args
        and (value.op in PASSING or value.op in CUTS or value.op in ("parameters_to_vector", "t", "ravel"))
    ):
        connected = connected and value.op not in CUTS
        value = value.args[0]
    if isinstance(value, (Param, Params)) or (isinstance(value, Each) and value.aspect == "tensor"):
        return (value,), connected
    if isinstance(value, Expr) and value.op in ("cat", "concat", "hstack") and value.args:
        inner = value.args[0]
        if isinstance(inner, Params):
            return (inner,), connected
        parts = [_tensor(v) for v in inner.items] if isinstance(inner, (Tuple, Collection)) and not isinstance(inner.items, dict) else []
        if parts and all(p is not None for p in parts):
            return tuple(v for p in parts if p is not None for v in p[0]), connected and all(p[1] for p in parts if p is not None)
    return None


def over_set(m: Machine, values: tuple[Value, ...]) -> Params | None:
    """The parameters a penalty runs over as one set; a loop variable stands for the whole set it runs over."""
    from reglint.reader import iteration

    total: Params | None = None
    for value in values:
        part = value.params if isinstance(value, Each) else modules.as_params(value)
        if part is None:
            return None
        total = part if total is None or total is part else iteration.union(total, part)
    return total


# -- numbers -----------------------------------------------------------------------------------------------------------


def to_number(value: Value | None, absent: str = "not given") -> Number:
    """A value as a number with its source; one of several is chosen where options decide by their defaults."""
    if value is None:
        return Number(None, absent)
    found = list(alternatives(value))
    if isinstance(value, Phi):
        chosen = _by_default(value)
        if chosen is not None:
            known = to_number(chosen)
            return replace(known, adjustable=True)
        numbers = {c.value for c in found if isinstance(c, Const)}
        if len(numbers) == 1 and all(isinstance(c, Const) for c in found):
            return to_number(found[0])
        shown = " or ".join(sorted(str(c.value) for c in found if isinstance(c, Const)))
        return Number(None, f"one of several values{f' ({shown})' if shown else ''}")
    only = found[0]
    if isinstance(only, Const) and isinstance(only.value, (int, float)) and not isinstance(only.value, bool):
        origin = only.origin
        span = origin.place.span if origin is not None and origin.place is not None else None
        return Number(float(only.value), str(origin) if origin is not None else "", only.adjustable, span)
    if isinstance(only, Const):
        return Number(None, f"{only.value!r} is no number")
    if isinstance(only, Unknown):
        return Number(None, only.reason)
    return Number(None, "computed at run time")


def _by_default(value: Value) -> Value | None:
    while isinstance(value, Phi):
        if value.condition.default is None:
            return None
        value = value.then if value.condition.default else value.other
    return value


def product(factors: tuple[tuple[Value, int], ...]) -> Number:
    """The product of factors as a number; not known if one of them is not."""
    total, source, adjustable, span = 1.0, "", False, None
    unknown: Number | None = None
    for value, power in factors:
        known = to_number(value)
        if known.value is None:
            unknown = unknown or known
            continue
        if power < 0 and known.value == 0:
            return Number(None, "a division by zero")
        total = total * known.value if power > 0 else total / known.value
        if known.adjustable or not source:
            source, span = known.source, known.span or span
        adjustable = adjustable or known.adjustable
    if unknown is not None and total != 0:
        return Number(None, unknown.source)
    return Number(total, source, adjustable, span)


def settled(reduction: Reduction, factors: tuple[tuple[Value, int], ...]) -> tuple[Reduction, tuple[tuple[Value, int], ...]]:
    """A sum over the samples divided by their number is a mean; so is a penalty that the sum takes once for each."""
    for index, (divisor, power) in enumerate(factors):
        if power > 0 or not is_size(divisor):
            continue
        rest = factors[:index] + factors[index + 1 :]
        summed = next((i for i, (value, _) in enumerate(rest) if value is SAMPLES), None)
        if summed is not None:
            return reduction, rest[:summed] + rest[summed + 1 :]
        if reduction is Reduction.SUM:
            return Reduction.MEAN, rest
    return reduction, factors


def is_size(value: Value) -> bool:
    """Does it look like a batch or data set size: len(x), x.size(0), x.shape[0], batch_size?"""
    if isinstance(value, Expr):
        if value.op in ("len", "size", "numel"):
            return True
        if value.op == "getitem" and value.args and isinstance(value.args[0], Expr):
            return value.args[0].op in ("shape", "size") or value.args[0].name == "shape"
    name = getattr(value, "name", "") or (value.origin.label if isinstance(value, Const) and value.origin is not None else "")
    return "batch" in name.lower()


def reduction_of(value: Value, reduced: tuple[str, ...] = ()) -> Reduction:
    """The reduction of a data term that stands in sums and means (from the outside inwards)."""
    while isinstance(value, Expr) and value.op in ("sum", "mean") and value.args:
        reduced, value = (*reduced, _extent(value)), value.args[0]
    own = _own_reduction(value)
    if own is not Reduction.NONE or not reduced:
        return own
    if reduced[-1] == "part":
        return Reduction.BATCH_MEAN if len(reduced) > 1 and reduced[-2] == "mean" else Reduction.UNKNOWN
    return Reduction.MEAN if reduced[-1] == "mean" else Reduction.SUM


def _own_reduction(value: Value) -> Reduction:
    if not isinstance(value, Expr) or value.op != "criterion":
        return Reduction.NONE if is_per_sample(value) else Reduction.UNKNOWN
    given = value.attrs.get("reduction")
    return Reduction(given.value) if isinstance(given, Const) and isinstance(given.value, str) else Reduction.UNKNOWN
