"""Learning-rate schedulers: parameters, and whether `step()` belongs after each batch or after each epoch."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reglint.knowledge.signature import Signature


class Cadence(enum.StrEnum):
    """When `step()` is meant to be called: its units decide for EITHER (epochs or steps, as the numbers were meant)."""

    BATCH = "batch"
    EPOCH = "epoch"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class SchedulerFact:
    """A scheduler class or a function that returns one. `signature` starts after the optimizer argument.

    `metric`: `step` takes the monitored value. `length` names the options that are counted in calls of `step()`.
    """

    name: str
    signature: Signature
    cadence: Cadence
    source: str
    metric: bool = False
    length: tuple[str, ...] = ()


_LR = "torch.optim.lr_scheduler"
_FILE = "torch/optim/lr_scheduler.py (2.13)"
_HF = "transformers/optimization.py (4.57)"
_OLD = "pytorch_transformers/optimization.py (1.2)"
_SWA = "torch/optim/swa_utils.py (2.13)"
_PLATEAU = "mode='min', factor=0.1, patience=10, threshold=0.0001, threshold_mode='rel', cooldown=0, min_lr=0, eps=1e-08"
_B, _E, _X = Cadence.BATCH, Cadence.EPOCH, Cadence.EITHER

_ROWS: tuple[tuple[str, str, Cadence, str, tuple[str, ...]], ...] = (
    (f"{_LR}.LambdaLR", "lr_lambda, last_epoch=-1", _X, _FILE, ()),
    (f"{_LR}.MultiplicativeLR", "lr_lambda, last_epoch=-1", _X, _FILE, ()),
    (f"{_LR}.StepLR", "step_size, gamma=0.1, last_epoch=-1", _X, _FILE, ("step_size",)),
    (f"{_LR}.MultiStepLR", "milestones, gamma=0.1, last_epoch=-1", _X, _FILE, ("milestones",)),
    (f"{_LR}.ConstantLR", "factor=0.3333333333333333, total_iters=5, last_epoch=-1", _X, _FILE, ("total_iters",)),
    (f"{_LR}.LinearLR", "start_factor=0.3333333333333333, end_factor=1.0, total_iters=5, last_epoch=-1", _X, _FILE, ("total_iters",)),
    (f"{_LR}.ExponentialLR", "gamma, last_epoch=-1", _X, _FILE, ()),
    (f"{_LR}.SequentialLR", "schedulers, milestones, last_epoch=-1", _X, _FILE, ("milestones",)),
    (f"{_LR}.CosineAnnealingLR", "T_max, eta_min=0.0, last_epoch=-1", _X, _FILE, ("T_max",)),
    (f"{_LR}.ReduceLROnPlateau", _PLATEAU, _E, _FILE, ("patience",)),
    (
        f"{_LR}.CyclicLR",
        "base_lr, max_lr, step_size_up=2000, step_size_down=None, mode='triangular', gamma=1.0, scale_fn=None, scale_mode='cycle', "
        "cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, last_epoch=-1",
        _B,
        _FILE,
        ("step_size_up", "step_size_down"),
    ),
    (f"{_LR}.CosineAnnealingWarmRestarts", "T_0, T_mult=1, eta_min=0.0, last_epoch=-1", _X, _FILE, ("T_0",)),
    (
        f"{_LR}.OneCycleLR",
        "max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3, anneal_strategy='cos', cycle_momentum=True, "
        "base_momentum=0.85, max_momentum=0.95, div_factor=25.0, final_div_factor=10000.0, three_phase=False, last_epoch=-1",
        _B,
        _FILE,
        ("total_steps",),
    ),
    (f"{_LR}.PolynomialLR", "total_iters=5, power=1.0, last_epoch=-1", _X, _FILE, ("total_iters",)),
    ("torch.optim.swa_utils.SWALR", "swa_lr, anneal_epochs=10, anneal_strategy='cos', last_epoch=-1", _X, _SWA, ("anneal_epochs",)),
    ("transformers.get_constant_schedule", "last_epoch=-1", _B, _HF, ()),
    ("transformers.get_constant_schedule_with_warmup", "num_warmup_steps, last_epoch=-1", _B, _HF, ("num_warmup_steps",)),
    (
        "transformers.get_linear_schedule_with_warmup",
        "num_warmup_steps, num_training_steps, last_epoch=-1",
        _B,
        _HF,
        ("num_warmup_steps", "num_training_steps"),
    ),
    (
        "transformers.get_cosine_schedule_with_warmup",
        "num_warmup_steps, num_training_steps, num_cycles=0.5, last_epoch=-1",
        _B,
        _HF,
        ("num_warmup_steps", "num_training_steps"),
    ),
    (
        "transformers.get_cosine_with_hard_restarts_schedule_with_warmup",
        "num_warmup_steps, num_training_steps, num_cycles=1, last_epoch=-1",
        _B,
        _HF,
        ("num_warmup_steps", "num_training_steps"),
    ),
    (
        "transformers.get_polynomial_decay_schedule_with_warmup",
        "num_warmup_steps, num_training_steps, lr_end=1e-07, power=1.0, last_epoch=-1",
        _B,
        _HF,
        ("num_warmup_steps", "num_training_steps"),
    ),
    ("transformers.get_inverse_sqrt_schedule", "num_warmup_steps, timescale=None, last_epoch=-1", _B, _HF, ("num_warmup_steps",)),
    ("transformers.WarmupLinearSchedule", "warmup_steps, t_total, last_epoch=-1", _B, _OLD, ("warmup_steps", "t_total")),
    ("transformers.WarmupCosineSchedule", "warmup_steps, t_total, cycles=0.5, last_epoch=-1", _B, _OLD, ("warmup_steps", "t_total")),
)

SCHEDULERS: Mapping[str, SchedulerFact] = MappingProxyType(
    {
        name: SchedulerFact(name, Signature(text), cadence, source, name.endswith("ReduceLROnPlateau"), length)
        for name, text, cadence, source, length in _ROWS
    }
)
"""Canonical name → scheduler.

ChainedScheduler is left out: it takes schedulers, not an optimizer, and has their cadence. The docstrings of OneCycleLR and
CyclicLR ask for a step after every batch, that of ReduceLROnPlateau for one after validation.
"""

SCHEDULER_BASES = frozenset({f"{_LR}.LRScheduler", f"{_LR}.ChainedScheduler"})
"""Further classes with a `step()` that is a scheduler's."""


def scheduler(dotted: str) -> SchedulerFact | None:
    """The scheduler with this canonical name, or None where it is not known."""
    return SCHEDULERS.get(dotted)
