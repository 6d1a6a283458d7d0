"""A copy of a live optimizer on one synthetic parameter, which shares nothing with the original that a step could change."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import torch

_HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")
_CACHES = ("_numel_cache",)  # torch.optim.LBFGS: the number of elements of its parameters


class Clone:
    """Steps like the original, with its options and a state that is fresh or given. Never touches the original's parameters."""

    def __init__(self, original: Any, group: Mapping[str, Any], weights: torch.Tensor, state: dict[str, Any] | None = None) -> None:
        self.parameter = torch.nn.Parameter(weights.clone())
        self.sparse = isinstance(original, torch.optim.SparseAdam)  # refuses dense gradients
        options = {k: _private(v) for k, v in group.items() if k != "params"}
        groups = [{**options, "params": [self.parameter]}]
        self.optimizer = self._copy(original, groups)
        if state is not None:
            self.optimizer.state[self.parameter] = state
        step = type(original).step
        # the wrapper of Optimizer.profile_hook_step runs the hooks of the user and ours: go below it
        self._step = step.__wrapped__ if getattr(step, "hooked", False) and hasattr(step, "__wrapped__") else step

    def _copy(self, original: Any, groups: list[dict[str, Any]]) -> Any:
        """Not deepcopy: Optimizer.__getstate__ keeps three keys, and schedulers bind `step` on the instance to the original.

        Nested optimizers (SAM, Lookahead) keep sharing param_groups, or an option switched off would do nothing.
        """
        made = object.__new__(type(original))
        owned = {id(p) for group in original.param_groups for p in group["params"]}
        for name, value in vars(original).items():
            if name in ("step", "param_groups", "state"):
                continue
            if name in _HOOKS:
                made.__dict__[name] = type(value)()
            elif isinstance(value, torch.optim.Optimizer):
                made.__dict__[name] = self._copy(value, groups)
            else:
                made.__dict__[name] = None if name in _CACHES else self._own(value, owned)
        made.param_groups = groups
        made.state = defaultdict(dict)
        return made

    def _own(self, value: Any, owned: set[int]) -> Any:
        """An attribute without ties to the original: its parameters replaced by ours, containers copied."""
        if isinstance(value, torch.Tensor):
            return self.parameter if id(value) in owned else value.detach().clone()
        if isinstance(value, (list, tuple)):
            if any(id(item) in owned for item in value):
                return type(value)([self.parameter])
            return type(value)(self._own(item, owned) for item in value) if type(value) in (list, tuple) else value
        if isinstance(value, dict):
            if any(id(item) in owned for item in (*value, *value.values())):
                return type(value)() if not isinstance(value, defaultdict) else defaultdict(value.default_factory)
            try:
                return copy.deepcopy(value)
            except Exception:  # whatever it holds, it is not the parameters: sharing is the lesser evil
                return value
        return value

    def step(self, weights: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """One step at prescribed weights and gradient; returns the change of the weights."""
        with torch.no_grad():
            self.parameter.copy_(weights)
        self.parameter.grad = gradient.to_sparse() if self.sparse else gradient.clone()
        loss = torch.zeros((), dtype=torch.float64)
        try:
            self._step(self.optimizer, lambda: loss)
        except TypeError:
            self._step(self.optimizer)
        return self.parameter.detach() - weights


def _private(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        # a learning rate in a float32 tensor would round η·λ: the laboratory computes in float64
        return float(value) if value.numel() == 1 else value.detach().clone().cpu()
    return copy.copy(value) if isinstance(value, (list, dict)) else value
