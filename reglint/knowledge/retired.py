"""Retired training API: what replaces it, whether it still works in the installed torch, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RetiredFact:
    """A name to move away from. `gone` is the torch version that removed it ("" while it works).

    `same`: putting `instead` in its place computes the same numbers with the same arguments.
    """

    name: str
    instead: str
    since: str
    gone: str = ""
    same: bool = False
    why: str = ""


_INIT = "uniform normal constant eye dirac xavier_uniform xavier_normal kaiming_uniform kaiming_normal orthogonal sparse"

RETIRED: Mapping[str, RetiredFact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            RetiredFact("torch.autograd.Variable", "", "0.4", why="detaches its argument; needless around data"),
            RetiredFact("torch.nn.utils.clip_grad_norm", "torch.nn.utils.clip_grad_norm_", "0.4", same=True),
            RetiredFact("torch.nn.NLLLoss2d", "torch.nn.NLLLoss", "0.4", same=True),
            RetiredFact("torch.cuda.amp.autocast", "torch.amp.autocast", "2.4", why="takes the device type first: 'cuda'"),
            RetiredFact("torch.cuda.amp.GradScaler", "torch.amp.GradScaler", "2.4", why="takes the device first: 'cuda'"),
            RetiredFact("torch.cuda.amp.custom_fwd", "torch.amp.custom_fwd", "2.4", why="needs device_type='cuda'"),
            RetiredFact("torch.cuda.amp.custom_bwd", "torch.amp.custom_bwd", "2.4", why="needs device_type='cuda'"),
            RetiredFact("torch.nn.functional.upsample", "torch.nn.functional.interpolate", "0.4.1"),
            RetiredFact("torch.nn.functional.upsample_nearest", "torch.nn.functional.interpolate", "0.4"),
            RetiredFact("torch.nn.functional.upsample_bilinear", "torch.nn.functional.interpolate", "0.4", why="aligns the corners"),
            RetiredFact("torch.nn.functional.sigmoid", "torch.sigmoid", "0.4.1", same=True),
            RetiredFact("torch.nn.functional.tanh", "torch.tanh", "0.4.1", same=True),
            RetiredFact("torch.optim.lr_scheduler.LRScheduler.get_lr", "get_last_lr", "1.4", why="is meant for step() alone"),
            *(RetiredFact(f"torch.nn.init.{n}", f"torch.nn.init.{n}_", "0.4", same=True) for n in _INIT.split()),
        )
    }
)
"""Canonical name → retirement. Source: the deprecation warnings and docstrings in the files of these functions (2.13)."""

RETIRED_ARGUMENTS: Mapping[tuple[str, str], RetiredFact] = MappingProxyType(
    {
        ("torch.optim.lr_scheduler", "verbose"): RetiredFact("verbose", "get_last_lr", "2.2", gone="2.7"),
        ("torch.optim.lr_scheduler.step", "epoch"): RetiredFact("epoch", "", "1.4", why="recomputes the rate in closed form"),
        ("torch.autograd.Variable", "volatile"): RetiredFact("volatile", "torch.no_grad", "0.4", why="no longer disables gradients"),
        ("torch.autograd.grad", "only_inputs"): RetiredFact("only_inputs", "", "0.4", why="has no effect"),
        ("torch.autograd.backward", "grad_variables"): RetiredFact("grad_variables", "grad_tensors", "0.4", same=True),
    }
)
"""(callable, or module that holds the callables; option) → retirement. `verbose` raises TypeError in torch 2.13.

CosineAnnealingWarmRestarts.step and ReduceLROnPlateau.step may take an epoch: the first is meant to.
"""

EPOCH_ALLOWED = frozenset({"torch.optim.lr_scheduler.CosineAnnealingWarmRestarts"})
"""Schedulers whose `step(epoch)` is not retired. Source: torch/optim/lr_scheduler.py CosineAnnealingWarmRestarts.step (2.13)."""


def retired(dotted: str) -> RetiredFact | None:
    """The retirement of a canonical name, or None where it is in use."""
    return RETIRED.get(dotted)


def retired_argument(owner: str, option: str) -> RetiredFact | None:
    """The retirement of an option of a callable; the callable's module is asked too."""
    return RETIRED_ARGUMENTS.get((owner, option)) or RETIRED_ARGUMENTS.get((owner.rpartition(".")[0], option))
