"""What parameters are called and what they are for."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from reglint.probe.facts import LOOSE
from reglint.probe.taint import _OWN, _TORCH
from reglint.step.model import Role

_NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm)
_WRAPPERS = ("module.", "_orig_mod.")


def variable_name(wanted: Any, depth: int = 12) -> str | None:
    """The name of the variable that holds an object, in the frames of the user's program from here outwards."""
    frame: Any = sys._getframe(1)
    while frame is not None and depth:
        if not frame.f_code.co_filename.startswith((_OWN, _TORCH, "<")):
            depth -= 1
            for scope in (frame.f_locals, frame.f_globals):
                found = _among(scope, wanted)
                if found is not None:
                    return found
        frame = frame.f_back
    return None


def _among(scope: Any, wanted: Any) -> str | None:
    for name, value in list(scope.items()):
        if value is wanted and not name.startswith("_"):
            return str(name)
    for name, value in list(scope.items()):
        if isinstance(value, (list, tuple)) and len(value) < 1000 and not name.startswith("_"):
            for index, item in enumerate(value):
                if item is wanted:
                    return f"{name}[{index}]"
        elif name == "self":
            for attribute, item in list(getattr(value, "__dict__", {}).items()):
                if item is wanted:
                    return f"self.{attribute}"
    return None


def role(module: nn.Module | None, name: str, parameter: torch.Tensor) -> Role:
    """What a parameter is for: decided by its module, without one by its name and dimensions."""
    last = name.rpartition(".")[2].lower()
    if isinstance(module, _NORMS) or (module is not None and "norm" in type(module).__name__.lower()):
        return Role.NORM
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
        return Role.EMBEDDING
    if isinstance(module, nn.PReLU):
        return Role.PRELU
    if "bias" in last or last in ("b", "beta"):
        return Role.BIAS
    if parameter.dim() == 0 and module is not None:
        return Role.SCALE
    if parameter.dim() >= 2 or last in ("w", "weight", "weights") or last.startswith("weight"):
        return Role.WEIGHT
    return Role.OTHER


class Names:
    """Names and roles of all parameters of the models that were called, by parameter identity."""

    def __init__(self, roots: Iterable[tuple[nn.Module, str]]) -> None:
        self.names: dict[int, str] = {}
        self.roles: dict[int, Role] = {}
        self.layers: dict[int, str] = {}
        self.models: dict[int, int] = {}
        self.parameters: dict[int, torch.Tensor] = {}
        found = [(root, label) for root, label in roots]
        inner = {id(m) for root, _ in found for m in root.modules() if m is not root}
        found = [(root, label) for root, label in found if id(root) not in inner]
        for number, (root, label) in enumerate(found):
            prefix = f"{label}." if len(found) > 1 else ""
            for path, module in root.named_modules():
                for last, parameter in module.named_parameters(recurse=False):
                    name = f"{path}.{last}" if path else last
                    for wrapper in _WRAPPERS:
                        name = name.removeprefix(wrapper)
                    if id(parameter) in self.names:
                        continue
                    self.names[id(parameter)] = prefix + name
                    self.roles[id(parameter)] = role(module, name, parameter)
                    self.layers[id(parameter)] = type(module).__name__
                    self.models[id(parameter)] = number
                    self.parameters[id(parameter)] = parameter

    def add(self, parameter: torch.Tensor, name: str) -> None:
        """Name a tensor that belongs to no module."""
        if id(parameter) not in self.names:
            taken = set(self.names.values())
            while name in taken:
                name += "'"
            self.names[id(parameter)] = name
            self.roles[id(parameter)] = role(None, name, parameter)
            self.layers[id(parameter)] = ""
            self.models[id(parameter)] = LOOSE if isinstance(parameter, nn.Parameter) else -1
            self.parameters[id(parameter)] = parameter
