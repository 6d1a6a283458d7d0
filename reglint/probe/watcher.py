"""Watching module calls and criterion calls: modes, batch sizes, dropout that ignores eval(), losses that broadcast."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.weak import WeakIdKeyDictionary

from reglint.probe.facts import Observation, Spot
from reglint.probe.names import variable_name
from reglint.probe.recorder import Recorder
from reglint.probe.taint import BOUNDARY, Taint, tensors, user_place

_DROPOUT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
_BATCH_NORM = nn.modules.batchnorm._BatchNorm
_MODAL = (*_DROPOUT, _BATCH_NORM)
_FUNCTIONAL = {F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout, torch.dropout}
_PAIRED = {F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss}
_PLUS = {torch.Tensor.__add__, torch.Tensor.__radd__, torch.Tensor.__iadd__, torch.Tensor.add, torch.Tensor.add_, torch.add}
_MINUS = {torch.Tensor.__sub__, torch.Tensor.sub, torch.sub, torch.Tensor.__rsub__}
_BATCHES = 2  # of an evaluation that are waited for
_START = os.getcwd()  # programs change their directory (Hydra does)


def spot(place: tuple[str, int] | None) -> Spot | None:
    """A Spot of a place, None of None; scripts are often known to Python by a relative path."""
    return None if place is None else Spot(os.path.join(_START, place[0]), place[1])


class Watcher:
    """Keeps the stack of module calls of each thread; notes observations once per place and code."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.local = threading.local()
        self.roots: list[nn.Module] = []
        self.evals: WeakIdKeyDictionary = WeakIdKeyDictionary()
        self.seen: dict[tuple[str, Any, str], Observation] = {}
        self.evaluations = 0
        self.on_evaluated: Callable[[], None] | None = None  # set: loaders end early, to be called after two evaluation batches
        self.evaluated_batches = 0

    @property
    def stack(self) -> list[nn.Module]:
        """Modules whose forward is running on this thread, outermost first."""
        if not hasattr(self.local, "stack"):
            self.local.stack = []
        return self.local.stack  # type: ignore[no-any-return]

    def note(self, code: str, place: tuple[str, int] | None, message: str, *names: str) -> None:
        """Note an observation; a second one of the same code at the same place is dropped."""
        self.seen.setdefault((code, place, message), Observation(code, spot(place), message, names))

    def enter(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        """A module is called."""
        stack = self.stack
        if not stack:
            self._enter_root(module, args, kwargs)
        stack.append(module)
        if module.training and isinstance(module, _MODAL):
            if torch.is_grad_enabled():
                self._frozen_norm(module)
            else:
                self._in_train_mode(module, stack[0])

    def _enter_root(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        has_parameters = next(module.parameters(), None) is not None
        self.recorder.mode.mark_data((args, kwargs), force=has_parameters)
        if not has_parameters:
            return
        if not any(module is root for root in self.roots):
            self.roots.append(module)
            self.recorder.labels[id(module)] = variable_name(module) or type(module).__name__.lower()
        if torch.is_grad_enabled():
            first = next(tensors((args, kwargs)), None)
            if first is not None and first.dim():
                self.recorder.batch = list(first.shape[:2])
        else:
            self.evaluations += 1

    def leave(self, module: nn.Module, out: Any) -> None:
        """A module has returned: what it made of many elements is inside of a model, so no penalty is looked for there."""
        stack = self.stack
        while stack and stack.pop() is not module:
            pass
        if not stack and self.on_evaluated is not None and not torch.is_grad_enabled():
            self.evaluated_batches += 1
            if self.evaluated_batches == _BATCHES:
                self.on_evaluated()
        for tensor in tensors(out):
            if tensor.dim() and tensor.grad_fn is not None:
                node: Any = tensor.grad_fn  # torch annotates its metadata as a method
                node.metadata[BOUNDARY] = True

    def _in_train_mode(self, module: nn.Module, root: nn.Module) -> None:
        """A layer that should behave differently in evaluation runs in train mode without gradients."""
        if isinstance(module, _DROPOUT) and module.p > 0.0:
            what = "dropout"
        elif isinstance(module, _BATCH_NORM) and module.track_running_stats:
            what = "batch norm"
        else:
            return
        if not any(step.optimizer is not None for step in self.recorder.steps) or len(self.recorder.optimizers) > 1:
            return  # before training nothing is evaluated; with several optimizers it may be a GAN's sampling
        if not any(t.owned for p in root.parameters() if (t := self.recorder.tracked.get(id(p))) is not None):
            return  # a frozen backbone or a teacher, not the model that is trained
        self.note("RGL301", user_place(), f"{what} is in train mode during a forward pass without gradients", what, type(root).__name__)

    def _frozen_norm(self, module: nn.Module) -> None:
        """A batch norm whose parameters are frozen goes on averaging."""
        if not isinstance(module, _BATCH_NORM) or not module.track_running_stats or module.weight is None:
            return
        if not module.weight.requires_grad and not module.bias.requires_grad:
            self.note("RGL304", user_place(), "a frozen batch norm is in train mode: its running statistics still move")

    def evaluated(self, module: nn.Module, mode: bool) -> None:
        """train() or eval() was called on a module."""
        if not mode:
            self.evals[module] = user_place()
        elif module in self.evals:
            del self.evals[module]

    def on_call(self, func: Any, args: Any, kwargs: Any) -> None:
        """A torch API call is about to run."""
        if func in _FUNCTIONAL:
            self._functional_dropout(args, kwargs)
        elif func in _PAIRED or func in _MINUS:
            self._broadcast(func, args, kwargs)
        elif func is F.cross_entropy:
            self._probabilities(args, kwargs)
        elif func in _PLUS and len(args) > 1:
            self._without_gradient(args[0], args[1])

    def _functional_dropout(self, args: Any, kwargs: Any) -> None:
        p = args[1] if len(args) > 1 else kwargs.get("p", 0.5)
        training = args[2] if len(args) > 2 else kwargs.get("training", kwargs.get("train", True))
        inner = self.stack[-1] if self.stack else None
        if not p or not training or isinstance(inner, _DROPOUT) or inner is None:
            return
        if not inner.training:
            self.note("RGL302", user_place(), f"functional dropout (p={p:g}) is active although the model is in eval mode")

    def _probabilities(self, args: Any, kwargs: Any) -> None:
        """cross_entropy of rows that are all non-negative and sum to 1: a softmax came before it."""
        logits = args[0] if args else kwargs.get("input")
        if not isinstance(logits, torch.Tensor) or logits.dim() != 2 or not logits.requires_grad or logits.shape[1] < 2:
            return
        rows = logits.detach()[:16].double()
        if bool((rows >= 0.0).all()) and bool(((rows.sum(1) - 1.0).abs() < 1e-3).all()):
            self.note("RGL206", user_place(), "cross_entropy gets probabilities: its rows are non-negative and sum to 1")

    def _without_gradient(self, one: Any, other: Any) -> None:
        """A number computed from parameters, but without gradient, is added to a loss."""
        if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor) or one.dim() or other.dim():
            return
        for loss, term in ((one, other), (other, one)):
            if not loss.requires_grad or term.requires_grad or not self.recorder.mode.of(loss) & Taint.DATA:
                continue
            if self.recorder.mode.table.get(term) == Taint.PARAMETER and float(term) != 0.0:
                self.note("RGL104", user_place(), f"a term of {float(term):.4g} made of parameters has no gradient: it moves no weight")

    def _broadcast(self, func: Any, args: Any, kwargs: Any) -> None:
        values = list(tensors((args[:2], kwargs)))[:2]
        if len(values) < 2:
            return
        one, other = values
        shapes = sorted((tuple(one.shape), tuple(other.shape)), key=len)
        if len(shapes[0]) != 1 or len(shapes[1]) != 2 or shapes[0][0] < 2 or shapes[1] != (shapes[0][0], 1):
            return
        if not (one.requires_grad or other.requires_grad):
            return
        count = shapes[0][0]
        what = getattr(func, "__name__", "the loss").strip("_")
        self.note("RGL214", user_place(), f"{what} of shapes {shapes[1]} and {shapes[0]} broadcasts to ({count}, {count})")

    def trained_in_eval(self) -> None:
        """A step was taken while a model with dropout or batch norm was in eval mode after a call of eval()."""
        for root in self.roots:
            place = self.evals.get(root)
            if root.training or place is None or not any(p.grad is not None for p in root.parameters()):
                continue
            layers = [m for m in root.modules() if (isinstance(m, _DROPOUT) and m.p > 0) or isinstance(m, _BATCH_NORM)]
            if layers:
                kinds = sorted({"dropout" if isinstance(m, _DROPOUT) else "batch norm" for m in layers})
                self.note("RGL303", place, f"training goes on in eval mode: {' and '.join(kinds)} off since this eval()", *kinds)
