"""Evidence for the loss rules: the scalars that are minimised, split into terms with their reductions, factors and divisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from reglint.reader.domain import Collection, Tuple, is_plain
from reglint.reader.objective import parameters_only
from reglint.source import Place
from reglint.step.conditions import decided
from reglint.step.model import Reduction
from reglint.step.trace import Backward, Event, Returned, Trace
from reglint.step.values import Const, Expr, Phi, Value

BUDGET = 200  # visited nodes per objective
SAME = frozenset({"same", "scaled", "clone", "contiguous", "squeeze", "reshape", "view", "to", "float", "double", "requires_grad_"})
CUT = frozenset({"detach", "detach_", "item", "data", "numpy", "tolist", "argmax"})
STARTS = frozenset({"zeros", "zeros_like", "new_zeros", "tensor", "as_tensor", "Tensor", "FloatTensor"})
SCALARS = frozenset({Reduction.MEAN, Reduction.SUM, Reduction.BATCH_MEAN})


@dataclass(frozen=True, slots=True)
class Division:
    """A division on the way from a term to the objective."""

    by: Value
    place: Place
    uid: int


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of an objective.

    `factors` are what it is multiplied by, `divisions` what it is divided by, `joins` the sums it goes through, `resummed` the
    `.sum()` and `.mean()` calls it meets although it is a scalar; each from the outside inwards. `conditions`: branches taken.
    `many`: it stands for an unknown number of addends (a list that is summed).
    """

    value: Value
    factors: tuple[Value, ...] = ()
    divisions: tuple[Division, ...] = ()
    joins: tuple[Place, ...] = ()
    resummed: tuple[Expr, ...] = ()
    conditions: Mapping[object, bool] = field(default_factory=dict)
    many: bool = False

    @property
    def place(self) -> Place | None:
        """Where the term is computed."""
        return self.value.place if isinstance(self.value, Expr) else None

    @property
    def reduction(self) -> Reduction:
        """How it became a scalar."""
        return reduction(self.value)

    def together_with(self, other: Term) -> bool:
        """Can both be part of the same objective?"""
        return all(other.conditions.get(key, outcome) == outcome for key, outcome in self.conditions.items())


@dataclass(frozen=True, slots=True)
class Minimised:
    """A value that is back-propagated, or that a function nobody was seen to call gives back."""

    event: Event
    value: Value
    terms: tuple[Term, ...]

    @property
    def backward(self) -> Backward | None:
        """The backward() that differentiates it, None for a value that is given back."""
        return self.event if isinstance(self.event, Backward) else None


def minimised(trace: Trace, returned: bool = True) -> Iterator[Minimised]:
    """What the trace back-propagates, and (if `returned`) what its root gives back, one by one for tuples and dicts."""
    for event in trace.of(Backward, Returned):
        if isinstance(event, Backward):
            yield Minimised(event, event.loss, tuple(terms(event.loss)))
        elif returned and isinstance(event, Returned):
            for value in _parts(event.value):
                yield Minimised(event, value, tuple(terms(value)))


def _parts(value: Value) -> Iterator[Value]:
    if isinstance(value, (Tuple, Collection)):
        yield from value.items.values() if isinstance(value.items, dict) else value.items
    else:
        yield value


def terms(value: Value) -> Iterator[Term]:
    """Split a value into the addends it is a sum of; those without a gradient and those that options switch off are left out."""
    yield from _split(value, Term(value), [BUDGET])


def _split(value: Value, at: Term, budget: list[int]) -> Iterator[Term]:
    budget[0] -= 1
    if budget[0] < 0:
        return
    if isinstance(value, Phi):
        key, default = value.condition.key, value.condition.default
        settled = decided(key, tuple(at.conditions.items()))
        for outcome, side in ((True, value.then), (False, value.other)):
            if default in (None, outcome) and settled in (None, outcome):
                yield from _split(side, replace(at, conditions={**at.conditions, key: outcome}), budget)
        return
    if isinstance(value, Expr) and value.args:
        inside = _inside(value, at)
        if inside is not None:
            for part, term in inside:
                yield from _split(part, term, budget)
            return
    if not is_start(value):
        yield replace(at, value=value)


def is_start(value: Value) -> bool:
    """Is it what a sum starts from: a number, a tensor of zeros, a place of one? It has no gradient."""
    if isinstance(value, Expr) and value.op in ("same", "getitem") and value.args:
        return (isinstance(value.args[0], Expr) or is_plain(value.args[0])) and is_start(value.args[0])
    return isinstance(value, Const) or is_plain(value) or (isinstance(value, Expr) and value.op in STARTS)


def _inside(value: Expr, at: Term) -> list[tuple[Value, Term]] | None:
    """The parts of a value that is no term itself, with what happens to them; None for a term."""
    op, args = operation(value), value.args
    if op in ("add", "sub") and len(args) == 2:
        joined = replace(at, joins=(*at.joins, value.place)) if value.place is not None else at
        return [(args[0], joined), (args[1], joined)]
    if op in SAME or op == "neg":
        return [(args[0], at)]
    if op == "total":
        return [(part, replace(at, many=True)) for part in _elements(args[0])]
    if op in CUT:
        return []
    if op == "div" and len(args) == 2 and value.place is not None:
        return [(args[0], replace(at, divisions=(*at.divisions, Division(args[1], value.place, id(value)))))]
    if op == "mul" and len(args) == 2:
        side = _loss_side(value)
        return None if side is None else [(args[side], replace(at, factors=(*at.factors, args[1 - side])))]
    if op in ("sum", "mean"):
        stacked = args[0].args[0] if isinstance(args[0], Expr) and args[0].op in ("stack", "cat") and args[0].args else args[0]
        if isinstance(stacked, (Tuple, Collection)):
            return [(part, replace(at, many=True)) for part in _elements(stacked)]
        if is_scalar(args[0]):
            return [(args[0], replace(at, resummed=(*at.resummed, value)))]
    return None


def _elements(value: Value) -> tuple[Value, ...]:
    if isinstance(value, (Tuple, Collection)) and not isinstance(value.items, dict):
        return tuple(value.items)
    return (value,)


def operation(value: Expr) -> str:
    """The operation without the mark of its in-place form: `mul_` is `mul`."""
    return value.op[:-1] if value.op in ("add_", "sub_", "mul_", "div_", "neg_", "pow_", "exp_", "log_") else value.op


def _loss_side(product: Expr) -> int | None:
    """Which factor of a product is the term; None where both or neither may be."""
    loud = [is_scalar(arg) for arg in product.args]
    if loud[0] != loud[1]:
        return 0 if loud[0] else 1
    plain = [isinstance(arg, Const) for arg in product.args]
    return (1 if plain[0] else 0) if plain[0] != plain[1] else None


def is_scalar(value: Value, left: list[int] | None = None) -> bool:
    """Is it shown to be a loss that has been reduced to one number? `left`: the nodes that may still be looked at."""
    left = left or [BUDGET]
    left[0] -= 1
    if left[0] <= 0:
        return False
    if isinstance(value, Phi):
        return is_scalar(value.then, left) and is_scalar(value.other, left)
    if not isinstance(value, Expr):
        return False
    if operation(value) in ("add", "sub", "mul", "div", "neg") or value.op in SAME:
        others = [arg for arg in value.args if not isinstance(arg, Const)]
        return bool(others) and all(is_scalar(arg, left) for arg in others)
    return reduction(value) in SCALARS


def reduction(value: Value) -> Reduction:
    """The reduction of a term: of a criterion of torch, or of a `mean()` or `sum()` over all elements."""
    if not isinstance(value, Expr):
        return Reduction.UNKNOWN
    if value.op == "criterion":
        given = value.attrs.get("reduction")
        return Reduction(given.value) if isinstance(given, Const) and isinstance(given.value, str) else Reduction.UNKNOWN
    if value.op not in ("sum", "mean") or len(value.args) != 1 or value.attrs:
        return Reduction.UNKNOWN  # over some dimensions only
    inner = {node.op for node in nodes(value.args[0]) if node.op not in ("sum", "mean") or not over_parameters(node)}
    if value.op == "sum":
        return Reduction.UNKNOWN if inner & {"mean", "criterion"} and not _unreduced(value.args[0]) else Reduction.SUM
    return Reduction.BATCH_MEAN if "sum" in inner else Reduction.MEAN


def _unreduced(value: Value) -> bool:
    """Are the criteria in it losses per sample?"""
    found = [node for node in nodes(value) if node.op in ("criterion", "mean")]
    return bool(found) and all(node.op == "criterion" and reduction(node) is Reduction.NONE for node in found)


def nodes(value: Value, limit: int = 400) -> Iterator[Expr]:
    """The expressions that a value is made of, each once; what goes into a model or a criterion is not part of it."""
    stack, seen = [value], set[int]()
    while stack and len(seen) < limit:
        top = stack.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        if isinstance(top, Expr):
            yield top
            if top.op not in ("criterion", "layer", "forward", "attention"):
                stack.extend(top.args)
        elif isinstance(top, Phi):
            stack.extend((top.then, top.other))
        elif isinstance(top, Tuple) or (isinstance(top, Collection) and not isinstance(top.items, dict)):
            stack.extend(top.items)


def over_parameters(value: Value) -> bool:
    """Is it computed from parameters alone, as a penalty is?"""
    return bool(parameters_only(value))


def short(name: str) -> str:
    """The last part of a dotted name."""
    return name.rpartition(".")[2]
