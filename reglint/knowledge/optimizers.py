"""Optimizers of torch: defaults in order, and how each applies weight_decay."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from reglint.knowledge.signature import Signature


class DecayKind(enum.StrEnum):
    """How an optimizer applies weight_decay: to the gradient, to the weight itself, or not at all."""

    COUPLED = "coupled"
    DECOUPLED = "decoupled"
    NONE = "none"
    UNKNOWN = "unknown"


COUPLED, DECOUPLED, NO_DECAY, UNKNOWN = DecayKind.COUPLED, DecayKind.DECOUPLED, DecayKind.NONE, DecayKind.UNKNOWN


@dataclass(frozen=True, slots=True)
class OptimizerFact:
    """An optimizer class. `signature` starts after the parameters argument, so position 0 is usually `lr`.

    `decay` holds unless an option listed in `switches` as (option, value, kind) has that value. `adaptive`: divides by a
    root of moments (or takes the sign), so coupled decay is rescaled. `momentum` names the option that is μ ("" for none,
    also where betas hold it). `decay_option` is how weight_decay is spelled. `shrinks` names a second option that shrinks
    weights (ASGD's lambd). `wraps`: takes another optimizer (Lookahead, OSS), whose facts hold.
    """

    name: str
    signature: Signature
    decay: DecayKind
    adaptive: bool
    source: str
    momentum: str = ""
    switches: tuple[tuple[str, bool, DecayKind], ...] = ()
    decay_option: str = "weight_decay"
    shrinks: str = ""
    wraps: bool = False
    twin: str = ""

    @property
    def default_decay(self) -> float | None:
        """The default of weight_decay; None where the optimizer has no such option or its default is not a number."""
        default = self.signature.default(self.decay_option)
        return float(default) if isinstance(default, (int, float)) else None

    def decay_with(self, options: Mapping[str, object]) -> DecayKind:
        """The kind of decay when built with these literal options."""
        for option, value, kind in self.switches:
            if options.get(option, self.signature.default(option)) is value:
                return kind
        return self.decay


_DECOUPLES = (("decoupled_weight_decay", True, DECOUPLED),)
_BETAS = "betas=(0.9, 0.999), eps=1e-08"
_TAIL = "foreach=None, maximize=False, capturable=False, differentiable=False"


def _torch(
    name: str,
    text: str,
    decay: DecayKind,
    *,
    adaptive: bool = True,
    momentum: str = "",
    switches: tuple[tuple[str, bool, DecayKind], ...] = (),
    shrinks: str = "",
    twin: str = "",
    file: str = "",
) -> OptimizerFact:
    where = f"torch/optim/{file or name.lower()}.py {name} (2.13)"
    twin = f"torch.optim.{twin}" if twin else ""
    return OptimizerFact(f"torch.optim.{name}", Signature(text), decay, adaptive, where, momentum, switches, shrinks=shrinks, twin=twin)


TORCH_OPTIMIZERS: Mapping[str, OptimizerFact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            _torch(
                "SGD",
                "lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False, foreach=None, "
                "differentiable=False, fused=None",
                COUPLED,
                adaptive=False,
                momentum="momentum",
            ),
            _torch(
                "ASGD",
                "lr=0.01, lambd=0.0001, alpha=0.75, t0=1000000.0, weight_decay=0, foreach=None, maximize=False, differentiable=False, "
                "capturable=False",
                COUPLED,
                adaptive=False,
                shrinks="lambd",
            ),
            _torch(
                "Adam",
                f"lr=0.001, {_BETAS}, weight_decay=0, amsgrad=False, *, {_TAIL}, fused=None, decoupled_weight_decay=False",
                COUPLED,
                switches=_DECOUPLES,
                twin="AdamW",
            ),
            _torch(
                "AdamW",
                f"lr=0.001, {_BETAS}, weight_decay=0.01, amsgrad=False, *, maximize=False, foreach=None, capturable=False, "
                "differentiable=False, fused=None",
                DECOUPLED,
            ),
            _torch(
                "NAdam",
                f"lr=0.002, {_BETAS}, weight_decay=0, momentum_decay=0.004, decoupled_weight_decay=False, *, {_TAIL}",
                COUPLED,
                switches=_DECOUPLES,
            ),
            _torch(
                "RAdam",
                f"lr=0.001, {_BETAS}, weight_decay=0, decoupled_weight_decay=False, *, {_TAIL}",
                COUPLED,
                switches=_DECOUPLES,
            ),
            _torch(
                "Adamax",
                f"lr=0.002, {_BETAS}, weight_decay=0, foreach=None, *, maximize=False, differentiable=False, capturable=False",
                COUPLED,
            ),
            _torch(
                "Adagrad",
                "lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *, maximize=False, "
                "differentiable=False, fused=None",
                COUPLED,
            ),
            _torch(
                "Adadelta",
                "lr=1.0, rho=0.9, eps=1e-06, weight_decay=0, foreach=None, *, capturable=False, maximize=False, differentiable=False",
                COUPLED,
            ),
            _torch(
                "RMSprop",
                "lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered=False, capturable=False, foreach=None, "
                "maximize=False, differentiable=False",
                COUPLED,
                momentum="momentum",
            ),
            _torch(
                "Adafactor",
                "lr=0.01, beta2_decay=-0.8, eps=(None, 0.001), d=1.0, weight_decay=0.0, *, foreach=None, maximize=False",
                DECOUPLED,
                file="_adafactor",
            ),
            _torch(
                "Muon",
                "lr=0.001, weight_decay=0.1, momentum=0.95, nesterov=True, ns_coefficients=(3.4445, -4.775, 2.0315), eps=1e-07, "
                "ns_steps=5, adjust_lr_fn=None",
                DECOUPLED,
                adaptive=False,
                momentum="momentum",
                file="_muon",
            ),
            _torch(
                "Rprop",
                "lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-06, 50), *, capturable=False, foreach=None, maximize=False, differentiable=False",
                NO_DECAY,
            ),
            _torch(
                "LBFGS",
                "lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-07, tolerance_change=1e-09, history_size=100, line_search_fn=None",
                NO_DECAY,
                adaptive=False,
            ),
            _torch("SparseAdam", f"lr=0.001, {_BETAS}, maximize=False", NO_DECAY, file="sparse_adam"),
        )
    }
)
"""Canonical name → optimizer. Source: torch/optim/*.py, signatures and `_single_tensor_*` for where the decay acts (2.13)."""


@cache
def optimizers() -> Mapping[str, OptimizerFact]:
    """Every optimizer known, torch's and the others'."""
    from reglint.knowledge.optimizers_other import OTHER_OPTIMIZERS

    return MappingProxyType({**TORCH_OPTIMIZERS, **OTHER_OPTIMIZERS})


def optimizer(dotted: str) -> OptimizerFact | None:
    """The optimizer with this canonical dotted name, or None where it is not known."""
    return optimizers().get(dotted)


CUSTOM_KEYS = frozenset(
    {
        "params", "param_names", "initial_lr", "max_lr", "min_lr", "base_lr", "max_momentum", "base_momentum", "base_beta", "max_beta",
        "lr_scale", "lr_mult", "lr_multi", "lr_ratio", "lr_factor", "lr_decay_rate", "decay_mult", "wd_mult", "wd_multiplier", "name",
        "names", "group_name", "param_group", "layer_id", "layer", "apply_decay", "is_bias", "fix_step", "use_muon", "swa_lr", "is_lr",
        "exclude", "lars_exclude", "layer_adaptation", "use_lr", "tag", "type", "scale", "no_decay", "trust_ratio", "id", "idx", "step",
        "warmup_lr", "init_lr", "initial_momentum", "initial_weight_decay", "wd_scale", "decay", "method", "schedule", "original_lr",
    }
)  # fmt: skip
"""Keys of a parameter group that schedulers and training scripts put there themselves; never a misspelling.

Source: torch/optim/lr_scheduler.py (`initial_lr`, `max_lr`, `base_momentum` …), torch/optim/swa_utils.py (`swa_lr`),
timm/optim/_param_groups.py (`lr_scale`), caffe-style recipes (`lr_mult`, `decay_mult`).
"""

KEY_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "wd": "weight_decay",
        "weightdecay": "weight_decay",
        "weight-decay": "weight_decay",
        "l2": "weight_decay",
        "decay_rate": "weight_decay",
        "weight_decay_rate": "weight_decay",
        "regularization": "weight_decay",
        "learning_rate": "lr",
        "learningrate": "lr",
        "learning-rate": "lr",
        "mom": "momentum",
        "beta": "betas",
        "epsilon": "eps",
        "param": "params",
        "parameters": "params",
    }
)
"""Names people write for options of torch's optimizers; torch keeps the key and uses the default."""


def closest_option(name: str, fact: OptimizerFact | None = None) -> str | None:
    """The option that the unknown group key `name` was probably meant to be; None for real options and deliberate keys.

    With `fact` only its options count, else those of all torch optimizers.
    """
    facts = [fact] if fact is not None else list(TORCH_OPTIMIZERS.values())
    options = {"params"} | {a.name for f in facts for a in f.signature.arguments}
    if name in options or name in CUSTOM_KEYS:
        return None
    alias = KEY_ALIASES.get(name.lower())
    if alias is not None:
        return alias if alias in options else None
    near = difflib.get_close_matches(name.lower(), sorted(options), n=1, cutoff=0.8)
    return near[0] if near else None
