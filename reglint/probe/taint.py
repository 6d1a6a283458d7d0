"""Where a tensor comes from: parameters, data or constants, noted on autograd nodes while the program runs.

The notes live in `grad_fn.metadata`, which outlives the Python wrapper of the node, and in a weak table for tensors without
gradient. Nothing is attached to tensors themselves: attributes would change the bytes of `torch.save`.
"""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import enum
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

KEY = "reglint"
BOUNDARY = "reglint-boundary"  # on the node of a non-scalar module output: inside a model nothing is a penalty
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_STDLIB = sysconfig.get_paths()["stdlib"] + os.sep


class Taint(enum.IntFlag):
    """What a tensor was computed from. A constant of one element carries no flag: it may be a coefficient."""

    NOTHING = 0
    PARAMETER = 1
    DATA = 2
    CONSTANT = 4


class Note:
    """What is kept per node: taint, and for scalars and parameter-only values the user's line `(path, row)`."""

    __slots__ = ("place", "taint", "value")

    def __init__(self, taint: Taint, place: tuple[str, int] | None = None, value: torch.Tensor | None = None) -> None:
        self.taint = taint
        self.place = place
        self.value = value


def user_place(start: int = 1) -> tuple[str, int] | None:
    """File and row of the innermost frame of the user's program: not torch, not reglint, not the standard library.

    A frame in installed packages counts only if there is no other.
    """
    frame = sys._getframe(start)
    second: tuple[str, int] | None = None
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith((_OWN, _TORCH, "<")):
            pass
        elif name.startswith(_STDLIB) or "site-packages" in name:
            second = second or (name, frame.f_lineno)
        else:
            return name, frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return second


def tensors(value: Any, depth: int = 3) -> Iterator[torch.Tensor]:
    """All tensors in nested lists, tuples and dicts, three levels deep."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors(item, depth - 1)
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from tensors(item, depth - 1)


class TaintMode(TorchFunctionMode):
    """Notes the taint of every result of a torch API call; computes nothing and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.table: WeakIdKeyDictionary = WeakIdKeyDictionary()
        self.pid = os.getpid()
        self.on_call: Callable[[Any, Any, Any], None] | None = None
        self.failures = 0
        self.active = True

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the call as it is, then note where its result comes from."""
        kwargs = kwargs or {}
        if not self.active:
            return func(*args, **kwargs)
        if self.on_call is not None:
            self.on_call(func, args, kwargs)
        out = func(*args, **kwargs)
        if os.getpid() == self.pid or self._forked_to_train():
            try:
                self._note(func, args, kwargs, out)
            except Exception:  # the user's program must not fail because of a note
                self.failures += 1
        return out

    def leave(self) -> None:
        """Take the mode off this thread; where that cannot be (inside an API call, another thread) it only stops noting."""
        self.active = False
        if torch.overrides._get_current_function_mode() is self:
            self.__exit__(None, None, None)

    def _forked_to_train(self) -> bool:
        """A forked process inherits the mode: DataLoader workers want nothing of it, forked trainers do."""
        if torch.utils.data.get_worker_info() is not None:
            return False
        self.pid = os.getpid()
        return True

    def _note(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        if func is torch.Tensor.__setitem__:
            out = args[0]
        elif func is torch.Tensor.requires_grad_:
            if self.table.get(out) == Taint.CONSTANT:
                del self.table[out]  # it has just become a parameter
            return
        if not isinstance(out, (torch.Tensor, list, tuple, dict)):
            return
        taint = Taint.NOTHING
        for tensor in tensors((args, kwargs)):
            taint |= self.of(tensor)
        for tensor in tensors(out):
            self.mark(tensor, taint)

    def of(self, tensor: torch.Tensor) -> Taint:
        """The taint of a tensor; leaves that require a gradient are parameters unless they are known to be data."""
        node = tensor.grad_fn
        if node is not None:
            return node_taint(node)
        known = self.table.get(tensor)
        if known is not None:
            return Taint(known)
        if tensor.requires_grad:
            return Taint.PARAMETER
        return Taint.CONSTANT if tensor.dim() else Taint.NOTHING

    def mark(self, tensor: torch.Tensor, taint: Taint) -> None:
        """Note the taint of a result."""
        node = tensor.grad_fn
        if node is None:
            if taint & (Taint.DATA | Taint.PARAMETER) and not (tensor.requires_grad and not taint & Taint.DATA):
                self.table[tensor] = taint
            return
        scalar = tensor.dim() == 0
        parameter_only = not taint & Taint.DATA
        place = user_place() if scalar or parameter_only else None
        _notes(node)[KEY] = Note(taint, place, tensor.detach() if scalar and parameter_only else None)

    def mark_data(self, value: Any, force: bool) -> None:
        """What enters a model is data: tensors without gradient and not computed from parameters.

        `force`: also those known to be constants (a model's input), not only those of unknown origin.
        """
        for tensor in tensors(value):
            if tensor.grad_fn is not None or (tensor.requires_grad and tensor.is_leaf and not force):
                continue
            known = self.table.get(tensor)
            if isinstance(tensor, torch.nn.Parameter) or (known is not None and known & Taint.PARAMETER):
                continue
            if not (tensor.requires_grad and tensor.dim() == 0):
                self.table[tensor] = Taint.DATA


def _notes(node: Any) -> dict[str, Any]:
    """The metadata of an autograd node (torch's annotation takes the property for a method)."""
    metadata: dict[str, Any] = node.metadata
    return metadata


def node_taint(node: Any) -> Taint:
    """The note of a node, or for nodes without one (made inside an API call, by C++ or on another thread) that of its inputs."""
    seen: set[Any] = set()
    todo = [node]
    taint = Taint.NOTHING
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        note = current.metadata.get(KEY)
        if note is not None:
            taint |= note.taint
        elif hasattr(current, "variable"):  # AccumulateGrad: a leaf
            taint |= Taint.PARAMETER
        else:
            todo.extend(nxt for nxt, _ in current.next_functions if nxt is not None)
    return taint
