"""The back-propagated scalar, split into addends: data terms and parameter-only terms, each with its factor.

Starting at the root the *linear region* of the graph is walked: sums, means, multiples, reshapes. Cotangents are carried
through it by calling the nodes themselves, so no hook of the user runs and a penalty that is also used inside the data
path counts only as the addend it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from reglint.probe import samples
from reglint.probe.taint import BOUNDARY, KEY, Note, Taint, node_taint

# Nodes whose result is linear in one gradient-carrying input, as named by autograd (derivatives.yaml).
_NAMES = """AddBackward0 AddBackward1 SubBackward0 SubBackward1 RsubBackward0 RsubBackward1 NegBackward0 SumBackward0 SumBackward1
    MeanBackward0
    MeanBackward1 ExpandBackward0 ViewBackward0 ReshapeAliasBackward0 UnsafeViewBackward0 SqueezeBackward0 SqueezeBackward1
    SqueezeBackward2 UnsqueezeBackward0 SelectBackward0 SliceBackward0 CloneBackward0 ToCopyBackward0 AliasBackward0 StackBackward0
    CatBackward0 LerpBackward0 LerpBackward1 PermuteBackward0 TransposeBackward0 TBackward0 NansumBackward0 GatherBackward
    Gather IndexBackward0 MaskedSelectBackward0 GatherBackward0 WhereBackward0 MaskedFillBackward0 MulBackward0 DivBackward0
    MulBackward1 DivBackward1 AsStridedBackward0 RepeatBackward0 DiagonalBackward0 TraceBackward0 CopyBackwards CopySlices
    IndexSelectBackward0 NarrowBackward0 UnbindBackward0"""
_LINEAR = frozenset(_NAMES.split())
_QUOTIENT = frozenset({"MulBackward0", "DivBackward0"})


@dataclass(slots=True)
class Addend:
    """One addend: the output `number` of `node`, times `cotangent`. `join` is where it was added to data, `place` where it was made.

    `value` is that of the output, where it is a scalar made of parameters alone.
    """

    node: Any
    number: int
    cotangent: torch.Tensor
    place: tuple[str, int] | None
    join: tuple[str, int] | None
    value: torch.Tensor | None = None


@dataclass(slots=True)
class Split:
    """Data terms and penalty addends of one backward pass; `uniform` holds per data term the last uniform (factor, numel, shape).

    `weighted` are the data terms whose elements have been multiplied by different factors since (masks, class weights).
    """

    data: list[Addend] = field(default_factory=list)
    penalties: list[Addend] = field(default_factory=list)
    uniform: dict[int, tuple[float, int, tuple[int, ...]]] = field(default_factory=dict)
    weighted: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Visit:
    node: Any
    linear: bool
    penalty: bool
    edges: tuple[tuple[Any, int] | None, ...]
    place: tuple[str, int] | None
    join: tuple[str, int] | None
    uniform: tuple[float, int, tuple[int, ...]] | None = None
    cotangents: dict[int, torch.Tensor] = field(default_factory=dict)


def split(root: torch.Tensor, cotangent: torch.Tensor, only_penalty: bool = False) -> Split:
    """Split `root` (whose gradient is `cotangent`) into addends. Must run while the graph is alive.

    A root that depends on parameters alone is a data term, unless `only_penalty`: then it is a penalty with a backward
    pass of its own.
    """
    node, number = root.grad_fn, root.output_nr
    if node is None:
        return Split()
    order, visits = _region(node, only_penalty)
    visits[node].cotangents[number] = cotangent
    result = Split()
    with torch.no_grad():
        for current in order:
            visit = visits[current]
            if not visit.cotangents:
                continue
            if visit.linear:
                _carry(visit, visits)
            else:
                _collect(visit, result)
    return result


def _region(root: Any, only_penalty: bool) -> tuple[list[Any], dict[Any, _Visit]]:
    """Nodes of the linear region with its rim, every node after all of its users. Iterative: 1,500 addends are real."""
    data_flag = Taint.DATA if node_taint(root) & Taint.DATA else Taint.CONSTANT
    nothing_is_data = not only_penalty and not node_taint(root) & data_flag
    visits: dict[Any, _Visit] = {}
    order: list[Any] = []
    todo: list[tuple[Any, bool, Taint, Any, bool]] = [(root, False, node_taint(root), None, False)]
    while todo:
        node, done, inherited, join, wide = todo.pop()
        if done:
            order.append(node)
            continue
        if node in visits:
            continue
        visit, taint = _visit(node, inherited, data_flag, nothing_is_data, join, wide)
        visits[node] = visit
        todo.append((node, True, taint, None, False))
        if visit.linear:
            shape = node._input_metadata[0].shape if node._input_metadata else ()
            below = join if visit.penalty else visit.place or join
            todo += [(edge[0], False, taint, below, wide or len(shape) > 0) for edge in visit.edges if edge is not None]
    order.reverse()
    return order, visits


def _visit(node: Any, inherited: Taint, data_flag: Taint, nothing_is_data: bool, join: Any, wide: bool) -> tuple[_Visit, Taint]:
    """Decide for one node: part of the linear region, a data term or a penalty addend. `wide`: reached through many elements."""
    note: Note | None = node.metadata.get(KEY)
    leaf = hasattr(node, "variable")
    if note is not None:
        taint = note.taint
    else:
        # no note: made inside one API call, whose note its user carries
        taint = Taint.PARAMETER if leaf else inherited
    is_data = bool(taint & data_flag) or nothing_is_data
    if leaf and wide and node.variable.numel() >= 1 and bool(inherited & data_flag):
        is_data = True  # `x*w + b`: a bias inside a model written by hand, no penalty
    edges = tuple((nxt, nr) if nxt is not None else None for nxt, nr in node.next_functions)
    place = note.place if note is not None else None
    linear = not leaf and node.name() in _LINEAR and not (is_data and BOUNDARY in node.metadata)
    if linear and node.name() in _QUOTIENT and sum(edge is not None for edge in edges) > 1:
        edges, linear = _one_sided(node, edges, is_data, data_flag)
    return _Visit(node, linear, not is_data, edges, place, join), taint


def _one_sided(node: Any, edges: tuple[Any, ...], is_data: bool, data_flag: Taint) -> tuple[tuple[Any, ...], bool]:
    """A product of two gradient-carrying values is linear only along its data side, and the other side is part of the data term."""
    if not is_data:
        return edges, False
    sides = [edge if edge is not None and node_taint(edge[0]) & data_flag else None for edge in edges]
    kept = [side for side in sides if side is not None]
    if len(kept) != 1 or (node.name() == "DivBackward0" and sides[0] is None):
        return edges, False
    return tuple(sides), True


def _carry(visit: _Visit, visits: dict[Any, _Visit]) -> None:
    """Send the cotangent of a linear node to its inputs, as the engine would, reduced to their shape and dtype."""
    node = visit.node
    given = [
        visit.cotangents.get(index, None)
        if index in visit.cotangents
        else torch.zeros(tuple(meta.shape), dtype=meta.dtype, device=meta.device)
        for index, meta in enumerate(node._input_metadata)
    ]
    uniform = visit.uniform
    if len(given) == 1 and given[0] is not None and given[0].numel() >= 1:
        uniform = _uniform(given[0]) or uniform
    results = node(*given)
    if not isinstance(results, tuple):
        results = (results,)
    for edge, result in zip(visit.edges, results, strict=False):
        if edge is None or result is None or edge[0] not in visits:
            continue
        target, number = edge
        shape, dtype = _expected(target, number)
        if shape is not None and tuple(result.shape) != shape:
            result = result.sum_to_size(shape)
        if dtype is not None and result.dtype != dtype:
            result = result.to(dtype)
        before = visits[target].cotangents.get(number)
        visits[target].cotangents[number] = result if before is None else before + result
        visits[target].uniform = uniform


def _expected(node: Any, number: int) -> tuple[tuple[int, ...] | None, torch.dtype | None]:
    if hasattr(node, "variable"):
        return tuple(node.variable.shape), node.variable.dtype
    metadata = node._input_metadata
    if number >= len(metadata):
        return None, None
    return tuple(metadata[number].shape), metadata[number].dtype


def _uniform(cotangent: torch.Tensor) -> tuple[float, int, tuple[int, ...]] | None:
    """(factor, number of elements, shape) if all elements have the same factor."""
    low, high = (float(value) for value in torch.aminmax(samples.distinct(cotangent)))
    if abs(high - low) > 1e-6 * abs(low):
        return None
    return low, cotangent.numel(), tuple(cotangent.shape)


def _collect(visit: _Visit, result: Split) -> None:
    for number, cotangent in visit.cotangents.items():
        note: Note | None = visit.node.metadata.get(KEY)
        addend = Addend(visit.node, number, cotangent, visit.place, visit.join, note.value if note is not None else None)
        if visit.penalty:
            result.penalties.append(addend)
            continue
        uniform = _uniform(cotangent)
        if uniform is None and visit.uniform is not None:
            uniform = visit.uniform
            result.weighted.add(len(result.data))
        if uniform is not None:
            result.uniform[len(result.data)] = uniform
        result.data.append(addend)
