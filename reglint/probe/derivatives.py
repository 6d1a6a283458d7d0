"""Gradient and curvature of a penalty on the parameters it reaches: samples and whole products, never whole derivatives for long."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.autograd.graph import GradientEdge, get_gradient_edge

from reglint.probe import samples
from reglint.probe.hooks import silenced
from reglint.probe.split import Addend

CURVATURE_LIMIT = 250_000_000  # elements of one part (see below); above it only gradients are taken
_PART = 1 << 20  # elements: addends on parameters of their own are looked at in parts, so that few derivatives live at once
TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 4e-3, torch.bfloat16: 2e-2}


@dataclass(frozen=True, slots=True)
class Direction:
    """Samples of weights, gradient and curvature of one parameter in float64; `curved` None where it could not be had.

    `length` is ‖w‖, `product` w·v with the probe direction v (0 where no curvature asks for it), `pull` the norm of the gradient,
    all over the whole parameter.
    """

    position: int
    weight: torch.Tensor
    gradient: torch.Tensor
    probe: torch.Tensor
    curved: torch.Tensor | None
    tolerance: float
    length: float
    product: float
    pull: float


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where the gradient of a parameter stands in the graph of its own; `edge` None where it depends on nothing."""

    parameter: torch.Tensor
    probe: torch.Tensor
    edge: GradientEdge | None


def directions(addends: Sequence[Addend], parameters: Sequence[torch.Tensor]) -> list[Direction]:
    """Gradient of the addends and its derivative along a fixed direction, for the parameters that they reach, in their order."""
    made: list[Direction] = []
    for part, reached in _parts(addends, parameters):
        made += _derivatives(part, [(index, parameters[index]) for index in reached])
    return sorted(made, key=lambda direction: direction.position)


def _parts(addends: Sequence[Addend], parameters: Sequence[torch.Tensor]) -> Iterator[tuple[list[Addend], list[int]]]:
    """Addends with the positions of the parameters they reach, in parts that share no parameter; one part where some do."""
    positions = {id(p): index for index, p in enumerate(parameters)}
    reached = [_reached(addend, positions) for addend in addends]
    if sum(map(len, reached)) > len(set().union(*reached)):
        yield list(addends), sorted(set().union(*reached))
        return
    part: list[Addend] = []
    indices: list[int] = []
    for addend, some in zip(addends, reached, strict=True):
        if part and sum(parameters[i].numel() for i in (*indices, *some)) > _PART:
            yield part, indices
            part, indices = [], []
        part.append(addend)
        indices += some
    yield part, indices


def _reached(addend: Addend, positions: Mapping[int, int]) -> set[int]:
    """The positions of the parameters below an addend."""
    seen: set[Any] = set()
    found: set[int] = set()
    todo = [addend.node]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        position = positions.get(id(getattr(node, "variable", None)))
        if position is not None:
            found.add(position)
        todo.extend(nxt for nxt, _ in node.next_functions if nxt is not None)
    return found


def _derivatives(addends: Sequence[Addend], reached: Sequence[tuple[int, torch.Tensor]]) -> list[Direction]:
    """The directions of one part. Only samples outlive it, and the gradients are gone before the curvature is taken."""
    outputs = [GradientEdge(addend.node, addend.number) for addend in addends]
    cotangents = [addend.cotangent for addend in addends]
    parameters = [p for _, p in reached]
    small = sum(p.numel() for p in parameters) <= CURVATURE_LIMIT
    if not parameters:
        return []
    with silenced(parameters), torch.enable_grad():
        gradients: list[torch.Tensor | None] = list(
            torch.autograd.grad(outputs, parameters, cotangents, retain_graph=True, create_graph=small, allow_unused=True)
        )
        made, edges = [], []
        for number, (index, parameter) in enumerate(reached):
            gradient, gradients[number] = gradients[number], None
            if gradient is None:
                continue
            length = samples.norm(parameter)
            probe = _probe_direction(parameter, length)
            made.append(_first_order(index, parameter, length, probe, gradient))
            edges.append(_Edge(parameter, probe.to(gradient.dtype), get_gradient_edge(gradient) if gradient.requires_grad else None))
            del gradient
        curved = _curvature(edges) if small else [None] * len(edges)
    made = [replace(direction, curved=curve) for direction, curve in zip(made, curved, strict=True)]
    if any(_bends_with_its_length(direction) for direction in made):
        made = [replace(one, product=samples.product(edge.parameter, edge.probe)) for one, edge in zip(made, edges, strict=True)]
    return made


def _bends_with_its_length(direction: Direction) -> bool:
    """Is the curvature more than a multiple of the probe direction, so that w·v is asked for? It costs a pass over everything."""
    if direction.curved is None:
        return False
    factor = float((direction.curved * direction.probe).sum()) / max(float((direction.probe * direction.probe).sum()), 1e-300)
    rest = float((direction.curved - factor * direction.probe).norm())
    return rest > direction.tolerance * float(direction.curved.norm())


def _first_order(index: int, parameter: torch.Tensor, length: float, probe: torch.Tensor, gradient: torch.Tensor) -> Direction:
    gradient = gradient.detach().to_dense() if gradient.is_sparse else gradient.detach()
    where = samples.places(parameter)
    return Direction(
        index,
        samples.sample(parameter, where),
        samples.sample(gradient, where),
        samples.sample(probe, where),
        None,
        TOLERANCE.get(parameter.dtype, 1e-4),
        length,
        0.0,
        samples.norm(gradient),
    )


def _probe_direction(parameter: torch.Tensor, length: float) -> torch.Tensor:
    """A fixed irregular direction with a part along the weights, whose norm is `length`; no random stream is touched.

    In many dimensions an irregular direction is nearly orthogonal to w, and there λ‖w‖ curves as ½(λ/‖w‖)‖w‖² does: only along
    w do they differ. The part along w is about as long as the other, which has cos(1.7·k + phase) + ¼ at element k mod 8191.
    """
    size, device = parameter.numel(), parameter.device
    period = torch.arange(min(size, 8191), device=device, dtype=torch.float32).mul_(1.7).add_(0.3 * (size % 97)).cos_().add_(0.25)
    period = period.to(parameter.dtype)
    pull = 0.5 * math.sqrt(size) / length if length > 0.0 else 0.0
    weight = parameter.detach().reshape(-1)
    made = torch.empty(size, device=device, dtype=parameter.dtype)
    whole = size // 8191 * 8191
    if whole:
        torch.add(period, weight[:whole].view(-1, 8191), alpha=pull, out=made[:whole].view(-1, 8191))
    torch.add(period[: size - whole], weight[whole:], alpha=pull, out=made[whole:])
    return made.reshape(parameter.shape)


def _curvature(edges: Sequence[_Edge]) -> list[torch.Tensor | None]:
    """Samples of the gradients' derivative along the probe direction; None where an operation has no second derivative."""
    bent = [edge for edge in edges if edge.edge is not None]
    products: Sequence[torch.Tensor | None] = [None] * len(edges)
    if bent:
        try:
            products = torch.autograd.grad(
                [edge.edge for edge in bent if edge.edge is not None],
                [edge.parameter for edge in edges],
                [edge.probe for edge in bent],
                retain_graph=True,
                allow_unused=True,
            )
        except (RuntimeError, NotImplementedError):  # once_differentiable, compiled
            return [None] * len(edges)
    places = [samples.places(edge.parameter) for edge in edges]
    return [
        torch.zeros(edge.parameter.numel() if where is None else samples.LIMIT, dtype=torch.float64)
        if product is None
        else samples.sample(product, where)
        for edge, product, where in zip(edges, products, places, strict=True)
    ]
