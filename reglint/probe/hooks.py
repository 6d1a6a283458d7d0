"""Silencing the user's hooks while the probe takes gradients of its own, and putting a hook of ours first."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def silenced(parameters: Iterable[torch.Tensor]) -> Iterator[None]:
    """Tensor hooks of these leaves do not run inside; autograd would call them for captured gradients too.

    The C++ side walks the very dict that holds the hooks, so it is emptied and refilled, never replaced.
    """
    saved = []
    for parameter in parameters:
        hooks = parameter._backward_hooks
        if hooks:
            saved.append((hooks, list(hooks.items())))
            hooks.clear()
    try:
        yield
    finally:
        for hooks, items in saved:
            hooks.update(items)


def hook_first(parameter: torch.Tensor, hook: Callable[[torch.Tensor], None]) -> Any:
    """Register a tensor hook that runs before those of the user; returns its handle."""
    before = list(parameter._backward_hooks.items()) if parameter._backward_hooks else []
    if before:
        parameter._backward_hooks.clear()  # type: ignore[union-attr]
    handle = parameter.register_hook(hook)
    if before:
        parameter._backward_hooks.update(before)  # type: ignore[union-attr]
    return handle
