"""Samples of tensors: at most 4,096 elements at fixed places, in float64, plus norms. Nothing larger is kept."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import math
from typing import Any

import torch

LIMIT = 4096
_ROW = 1024
# torch's CPU kernels hand nothing below 32,768 elements to other threads (at::internal::GRAIN_SIZE,
# aten/src/ATen/TensorIterator.h), which the program may keep busy, and a block stays in the cache.
_BLOCK = 1 << 14
_DEVICE_BLOCK = 1 << 24  # elsewhere a launch costs more than the memory


def places(tensor: torch.Tensor) -> torch.Tensor | None:
    """The sampled positions of a flat tensor, spread evenly; None where all elements are taken."""
    count = tensor.numel()
    if count <= LIMIT:
        return None
    index = torch.arange(LIMIT, dtype=torch.int64, device=tensor.device)
    return (index * count) // LIMIT + (index * 7919) % max(count // LIMIT, 1)


def sample(tensor: torch.Tensor, positions: torch.Tensor | None) -> torch.Tensor:
    """A copy of the sampled elements on the CPU."""
    value = tensor.detach()
    if value.is_sparse:
        value = value.coalesce().to_dense()
    flat = value.reshape(-1)
    # not flat[positions]: indexing shares 4,096 elements out among threads and waits for them
    taken = flat if positions is None else flat.index_select(0, positions.to(flat.device))
    return taken.to(torch.float64).cpu().clone()


def distinct(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor without the dimensions along which it only repeats itself: extremes and mean are the same."""
    value = tensor.detach()
    for dimension, (size, stride) in enumerate(zip(value.shape, value.stride(), strict=True)):
        if stride == 0 and size > 1:
            value = value.narrow(dimension, 0, 1)
    return value


def norm(tensor: torch.Tensor) -> float:
    """‖tensor‖ over all elements: float32 within a row of 1,024 of them, float64 beyond; relative error below 1e-8.

    `vector_norm` of a whole float32 tensor is off by 2e-4 at six million elements, and in float64 it copies all of them.
    """
    flat = tensor.detach().reshape(-1)
    if flat.dtype not in (torch.float32, torch.float64):
        return math.sqrt(product(flat, flat))
    whole = flat.numel() // _ROW * _ROW
    rows = torch.linalg.vector_norm(flat[:whole].view(-1, _ROW), dim=1).double()
    return math.hypot(float(torch.linalg.vector_norm(rows)), float(torch.linalg.vector_norm(flat[whole:].double())))


def product(one: torch.Tensor, other: torch.Tensor) -> float:
    """Σ one·other of two dense tensors of one shape, block by block: no whole copy is made. Error below 1e-8·‖one‖·‖other‖."""
    total = torch.zeros((), dtype=torch.float64, device=one.device)
    size = _BLOCK if one.device.type == "cpu" else _DEVICE_BLOCK
    for left, right in zip(one.detach().reshape(-1).split(size), other.detach().reshape(-1).split(size), strict=True):
        total += (_wide(left) * _wide(right)).sum()
    return float(total)


def _wide(block: torch.Tensor) -> torch.Tensor:
    return block if block.dtype == torch.float64 else block.float()


def state_sample(state: dict[str, Any], shape: torch.Size, positions: torch.Tensor | None) -> dict[str, Any]:
    """Optimizer state of one parameter for a replay: tensors of the parameter's shape sampled, all others copied."""
    made: dict[str, Any] = {}
    for name, value in state.items():
        if isinstance(value, torch.Tensor):
            made[name] = sample(value, positions) if value.shape == shape else value.detach().clone().cpu()
        elif isinstance(value, (int, float, bool, str, type(None))):
            made[name] = value
    return made


def floor(weights: torch.Tensor, change: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What rounding alone may add to an observed change: two units in the last place of w and a part of |Δw|, per element."""
    relative = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 3e-2}.get(dtype, 1e-4)
    step = torch.finfo(dtype).eps if dtype.is_floating_point else 0.0
    return 2.0 * step * weights.abs() + relative * change.abs() + 1e-300
