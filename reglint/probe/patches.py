"""Where the recorder is hooked into torch, and how it is taken off again without a trace."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from reglint.probe.recorder import Recorder
from reglint.probe.taint import Taint, tensors, user_place
from reglint.probe.watcher import Watcher


class Patches:
    """All hooks of one recorder. `install` and `remove` may each be called once."""

    def __init__(self, recorder: Recorder, watcher: Watcher) -> None:
        self.recorder = recorder
        self.watcher = watcher
        self.undo: list[Callable[[], None]] = []
        self.thread: threading.Thread | None = None
        self.late: dict[int, tuple[Any, list[Any]]] = {}

    def install(self) -> None:
        """Hook into autograd, optimizers, modules, loaders and threads of this process."""
        self._backward()
        self._optimizers()
        self._modules()
        self._scaler()
        self._clipping()
        self._custom_functions()
        self._threads()
        self.recorder.mode.on_call = self._on_call
        self.thread = threading.current_thread()
        self.recorder.mode.__enter__()

    def remove(self) -> None:
        """Take every hook off again."""
        self.recorder.active = False
        self.recorder.mode.on_call = None
        for undo in reversed(self.undo):
            undo()
        self.undo.clear()
        for handle, _ in self.late.values():
            handle.remove()
        self.late.clear()
        if threading.current_thread() is self.thread:
            self.recorder.mode.leave()
        else:
            self.recorder.mode.active = False  # the stack of modes belongs to the thread that installed us

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        own = name in vars(owner)
        before = vars(owner).get(name)
        setattr(owner, name, value)
        self.undo.append(lambda: setattr(owner, name, before) if own else delattr(owner, name))

    def _on_call(self, func: Any, args: Any, kwargs: Any) -> None:
        with self.recorder.guarded_names():
            self.watcher.on_call(func, args, kwargs)

    def _backward(self) -> None:
        real, recorder = torch.autograd.backward, self.recorder

        def backward(tensors: Any, grad_tensors: Any = None, *args: Any, **kwargs: Any) -> Any:
            return recorder.backward(real, tensors, grad_tensors, args, kwargs)

        self._replace(torch.autograd, "backward", backward)

    def _optimizers(self) -> None:
        pre = register_optimizer_step_pre_hook(self._before)
        post = register_optimizer_step_post_hook(self._after)
        self.undo += [pre.remove, post.remove]
        real, recorder = Optimizer.__init__, self.recorder

        def init(optimizer: Any, params: Any, *args: Any, **kwargs: Any) -> None:
            # an iterator must not be used up here: only a list says what its groups were given
            given = [set(group) for group in params if isinstance(group, dict)] if isinstance(params, (list, tuple)) else []
            real(optimizer, params, *args, **kwargs)
            with recorder.guarded():
                if recorder.active and not recorder.stack:
                    recorder.saw_optimizer(optimizer, user_place(), given)

        self._replace(Optimizer, "__init__", init)

    def _before(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Global pre-hook: it runs before the user's instance hooks, so it only registers one that runs after them."""
        if self.recorder.active and not self.recorder.full:
            self.late[id(optimizer)] = (optimizer.register_step_pre_hook(self._late), [])

    def _late(self, optimizer: Any, args: Any, kwargs: Any) -> Any:
        step = None
        with self.recorder.guarded():
            step = self.recorder.before_step(optimizer, user_place())
            if step is not None:
                self.watcher.trained_in_eval()
        self.late[id(optimizer)][1].append(step)
        closure = args[1] if len(args) > 1 else kwargs.get("closure")
        if step is None or not callable(closure):
            return None

        def watched() -> Any:
            result = closure()
            with self.recorder.guarded():
                self.recorder.after_closure(step)
            return result

        return ((args[0], watched, *args[2:]), kwargs) if len(args) > 1 else (args, {**kwargs, "closure": watched})

    def _after(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        handle, steps = self.late.pop(id(optimizer), (None, []))
        if handle is not None:
            handle.remove()
            self.recorder.after_step(optimizer, steps[-1] if steps else None)

    def _modules(self) -> None:
        real, real_train, watcher, recorder = nn.Module.__call__, nn.Module.train, self.watcher, self.recorder

        def call(module: Any, *args: Any, **kwargs: Any) -> Any:
            with recorder.guarded_names():
                watcher.enter(module, args, kwargs)
            out = None
            try:
                out = real(module, *args, **kwargs)
                return out
            finally:
                with recorder.guarded_names():
                    watcher.leave(module, out)

        def train(module: Any, mode: bool = True) -> Any:
            with recorder.guarded_names():
                watcher.evaluated(module, bool(mode))
            return real_train(module, mode)

        self._replace(nn.Module, "__call__", call)
        self._replace(nn.Module, "train", train)
        loader = torch.utils.data.dataloader._BaseDataLoaderIter
        real_next = loader.__next__

        def step(iterator: Any) -> Any:
            if watcher.on_evaluated is not None and torch.is_grad_enabled():
                raise StopIteration  # enough of training was seen: on to the evaluation
            item = real_next(iterator)
            with recorder.guarded_names():
                recorder.mode.mark_data(item, force=True)
            return item

        self._replace(loader, "__next__", step)

    def _scaler(self) -> None:
        scaler = torch.amp.grad_scaler.GradScaler
        real, real_unscale, recorder = scaler.scale, scaler.unscale_, self.recorder

        def scale(self: Any, outputs: Any) -> Any:
            result = real(self, outputs)
            with recorder.guarded():
                for tensor in tensors(result):
                    recorder.scales[tensor] = self.get_scale()
                    recorder.unscaled = self.get_scale() == 1.0
            return result

        def unscale(self: Any, optimizer: Any) -> Any:
            recorder.unscaled = True
            return real_unscale(self, optimizer)

        self._replace(scaler, "scale", scale)
        self._replace(scaler, "unscale_", unscale)

    def _clipping(self) -> None:
        """Clip functions are only looked at for their moment: what they did is measured on the gradients."""
        recorder, watcher = self.recorder, self.watcher
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            real = getattr(nn.utils, name)

            def clip(parameters: Any, *args: Any, _real: Any = real, _name: str = name, **kwargs: Any) -> Any:
                with recorder.guarded():
                    if isinstance(parameters, torch.Tensor):
                        parameters = [parameters]
                    parameters = list(parameters)
                    found = [p.grad for p in parameters if p.grad is not None]
                    records = [recorder.tracked[id(p)] for p in parameters if id(p) in recorder.tracked]
                    if recorder.active and not recorder.unscaled:
                        watcher.note("RGL404", user_place(), f"{_name} sees gradients that are still multiplied by the scale of GradScaler")
                    elif recorder.active and (not found or all(float(g.abs().max()) == 0.0 for g in found if g.numel())):
                        watcher.note("RGL405", user_place(), f"{_name} finds no gradient to clip")
                    elif recorder.active and records and not any(r.fresh or not r.owned for r in records):
                        watcher.note("RGL405", user_place(), f"{_name} comes after step(): the step has used the gradients unclipped")
                result = _real(parameters, *args, **kwargs)
                with recorder.guarded():
                    for tracked in [recorder.tracked[id(p)] for p in parameters if id(p) in recorder.tracked]:
                        tracked.clipped()
                return result

            self._replace(nn.utils, name, clip)
            self._replace(nn.utils.clip_grad, name, clip)

    def _custom_functions(self) -> None:
        """Results of a custom autograd Function come from all its arguments, also those without gradient."""
        real, mode, recorder = torch.autograd.Function.__dict__["apply"], self.recorder.mode, self.recorder

        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            out = real.__func__(cls, *args, **kwargs)
            with recorder.guarded_names():
                taint = Taint.NOTHING
                for tensor in tensors((args, kwargs)):
                    taint |= mode.of(tensor)
                for tensor in tensors(out):
                    mode.mark(tensor, taint)
            return out

        self._replace(torch.autograd.Function, "apply", classmethod(apply))

    def _threads(self) -> None:
        """Function modes belong to one thread; training sometimes runs in another."""
        real, recorder = threading.Thread.run, self.recorder

        def run(thread: Any) -> None:
            if not recorder.active:
                real(thread)
                return
            with recorder.mode:
                real(thread)

        self._replace(threading.Thread, "run", run)
