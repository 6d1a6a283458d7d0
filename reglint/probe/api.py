"""Observing from inside a program: `watch` around a training loop, `probe_step` for one step that leaves no trace."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from reglint.probe.report import ProbeReport
from reglint.probe.session import Session


class Watch:
    """What `watch` yields: `report` is there once the block has ended."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.report: ProbeReport | None = None

    def finish(self) -> ProbeReport:
        """End the observation and return the report; the `with` block does it by itself."""
        if self.report is None:
            trace = self._session.trace()
            if not trace.steps and trace.outcome == "ok":
                import dataclasses

                trace = dataclasses.replace(trace, outcome="no_step", message="no optimizer step and no hand-written update was seen")
            self.report = ProbeReport(trace, os.getcwd())
        return self.report


@contextmanager
def watch(*known: Any, steps: int = 2) -> Iterator[Watch]:
    """Observe the training steps inside the block; models and optimizers made before it are given as arguments.

    Nothing the program computes changes: weights, optimizer state and random streams are bit-identical to a run without.

        with reglint.watch(model, optimizer) as seen:
            train_one_epoch(model, optimizer, loader)
        print(seen.report.formula("*.bias"))

    `steps`: how many steps per optimizer are looked at; later ones run at full speed.
    """
    session = Session(steps)
    session.know(*known)
    session.start()
    seen = Watch(session)
    try:
        yield seen
    finally:
        session.stop()
        seen.finish()


def probe_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[..., torch.Tensor],
    batch: Any,
    *,
    step: Callable[[], Any] | None = None,
    steps: int = 2,
) -> ProbeReport:
    """Measure the update of a model, then put everything back: weights, buffers, gradients, modes, optimizer, random streams.

    `batch` is `(inputs, targets)`: the loss is `loss_fn(model(inputs), targets)`. With `step`, a function that makes one
    whole training step, that is run instead. `steps` training steps are taken (two show gradients that are not cleared).
    """
    with _restored(model, optimizer), watch(model, optimizer, steps=steps) as seen:
        for _ in range(steps):
            if step is not None:
                step()
            else:
                inputs, targets = batch
                optimizer.zero_grad()
                loss_fn(model(inputs), targets).backward()
                optimizer.step()
    assert seen.report is not None
    return seen.report


@contextmanager
def _restored(model: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Everything a training step changes is as before afterwards."""
    tensors = [*model.parameters(), *model.buffers(), *(p for group in optimizer.param_groups for p in group["params"])]
    values = [(t, t.detach().clone(), None if t.grad is None else t.grad.detach().clone(), t.grad) for t in tensors]
    modes = [(module, module.training) for module in model.modules()]
    state = {parameter: copy.deepcopy(value) for parameter, value in optimizer.state.items()}
    groups = [{k: copy.deepcopy(v) for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    streams = torch.get_rng_state(), random.getstate(), _numpy_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, value, gradient, holder in values:
                tensor.copy_(value)
                tensor.grad = holder
                if holder is not None and gradient is not None:
                    holder.copy_(gradient)
        for module, training in modes:
            module.training = training
        optimizer.state.clear()
        optimizer.state.update(state)
        for group, options in zip(optimizer.param_groups, groups, strict=True):
            for name in [k for k in group if k != "params" and k not in options]:
                del group[name]
            group.update(options)
        torch.set_rng_state(streams[0])
        random.setstate(streams[1])
        _restore_numpy(streams[2])
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)


def _numpy_state() -> Any:
    """numpy's global stream where numpy is loaded; the probe itself does not need it."""
    import sys

    numpy = sys.modules.get("numpy")
    return None if numpy is None else numpy.random.get_state()


def _restore_numpy(state: Any) -> None:
    import sys

    if state is not None:
        sys.modules["numpy"].random.set_state(state)
