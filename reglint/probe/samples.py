"""Samples of tensors: at most 4,096 elements at fixed places, in float64, plus norms. Nothing larger is kept."""

from __future__ import annotations

from typing import Any

import torch

LIMIT = 4096


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
    taken = flat if positions is None else flat[positions]
    return taken.to(torch.float64).cpu().clone()


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
