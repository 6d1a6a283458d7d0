"""Optimizers of other packages: defaults in order, and how each applies weight_decay. Read from the packages' sources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reglint.knowledge.optimizers import COUPLED, DECOUPLED, UNKNOWN, DecayKind, OptimizerFact
from reglint.knowledge.signature import Signature

_BETAS = "betas=(0.9, 0.999), eps=1e-08"
_Switches = tuple[tuple[str, bool, DecayKind], ...]
_Row = tuple[str, str, DecayKind, bool, str, _Switches]

_HF = "transformers/optimization.py (4.46)"
_APEX = "apex/optimizers (2024)"
_TIMM = "timm/optim (1.0)"
_JETTIFY = "torch_optimizer (0.3)"

_TIMM_ADAMW = f"lr=0.001, {_BETAS}, weight_decay=0.01, amsgrad=False, caution=False"
_DECOUPLED_DECAY: _Switches = (("decoupled_decay", True, DECOUPLED),)

_ROWS: tuple[_Row, ...] = (
    # name, options after the parameters, decay, adaptive, source, switches
    (
        "transformers.AdamW",
        "lr=0.001, betas=(0.9, 0.999), eps=1e-06, weight_decay=0.0, correct_bias=True, no_deprecation_warning=False",
        DECOUPLED,
        True,
        _HF,
        (),
    ),
    (
        "transformers.Adafactor",
        "lr=None, eps=(1e-30, 0.001), clip_threshold=1.0, decay_rate=-0.8, beta1=None, weight_decay=0.0, scale_parameter=True, "
        "relative_step=True, warmup_init=False",
        DECOUPLED,
        True,
        _HF,
        (),
    ),
    (
        "pytorch_pretrained_bert.BertAdam",
        "lr, warmup=-1, t_total=-1, schedule='warmup_linear', b1=0.9, b2=0.999, e=1e-06, weight_decay=0.01, max_grad_norm=1.0",
        DECOUPLED,
        True,
        "pytorch_pretrained_bert/optimization.py (0.6)",
        (),
    ),
    (
        "apex.optimizers.FusedAdam",
        f"lr=0.001, bias_correction=True, {_BETAS}, adam_w_mode=True, weight_decay=0.0, amsgrad=False, set_grad_none=True, "
        "capturable=False, master_weights=False",
        DECOUPLED,
        True,
        _APEX,
        (("adam_w_mode", False, COUPLED),),
    ),
    (
        "apex.optimizers.FusedLAMB",
        "lr=0.001, bias_correction=True, betas=(0.9, 0.999), eps=1e-06, weight_decay=0.01, amsgrad=False, adam_w_mode=True, "
        "grad_averaging=True, set_grad_none=True, max_grad_norm=1.0, use_nvlamb=False",
        UNKNOWN,
        True,
        _APEX,
        (("adam_w_mode", False, COUPLED),),
    ),
    (
        "apex.optimizers.FusedSGD",
        "lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, wd_after_momentum=False, materialize_master_grads=True, "
        "set_grad_none=False",
        COUPLED,
        False,
        _APEX,
        (("wd_after_momentum", True, DECOUPLED),),
    ),
    (
        "apex.optimizers.FusedAdagrad",
        "lr=0.01, eps=1e-10, weight_decay=0.0, set_grad_none=True, adagrad_w_mode=False",
        COUPLED,
        True,
        _APEX,
        (("adagrad_w_mode", True, DECOUPLED),),
    ),
    (
        "apex.optimizers.FusedNovoGrad",
        f"lr=0.001, bias_correction=True, {_BETAS}, weight_decay=0.0, amsgrad=False, reg_inside_moment=False, grad_averaging=True, "
        "norm_type=2, init_zero=False, set_grad_none=True",
        DECOUPLED,
        True,
        _APEX,
        (("reg_inside_moment", True, COUPLED),),
    ),
    (
        "deepspeed.ops.adam.FusedAdam",
        f"lr=0.001, bias_correction=True, {_BETAS}, adam_w_mode=True, weight_decay=0.0, amsgrad=False, set_grad_none=True",
        DECOUPLED,
        True,
        "deepspeed/ops/adam/fused_adam.py (0.12)",
        (("adam_w_mode", False, COUPLED),),
    ),
    (
        "deepspeed.ops.adam.DeepSpeedCPUAdam",
        f"lr=0.001, bias_correction=True, {_BETAS}, weight_decay=0, amsgrad=False, adamw_mode=True, fp32_optimizer_states=True",
        DECOUPLED,
        True,
        "deepspeed/ops/adam/cpu_adam.py (0.12)",
        (("adamw_mode", False, COUPLED),),
    ),
    (
        "lion_pytorch.Lion",
        "lr=0.0001, betas=(0.9, 0.99), weight_decay=0.0, use_triton=False, decoupled_weight_decay=False",
        DECOUPLED,
        True,
        "lion_pytorch/lion_pytorch.py (0.2)",
        (),
    ),
    (
        "adabelief_pytorch.AdaBelief",
        "lr=0.001, betas=(0.9, 0.999), eps=1e-16, weight_decay=0, amsgrad=False, weight_decouple=True, fixed_decay=False, rectify=True, "
        "degenerated_to_sgd=True, print_change_log=True",
        DECOUPLED,
        True,
        "adabelief_pytorch/AdaBelief.py (0.2)",
        (("weight_decouple", False, COUPLED),),
    ),
    ("timm.optim.AdamW", _TIMM_ADAMW, DECOUPLED, True, _TIMM, ()),
    ("timm.optim.AdamWLegacy", _TIMM_ADAMW, DECOUPLED, True, _TIMM, ()),
    ("timm.optim.NAdamW", f"lr=0.001, {_BETAS}, weight_decay=0.01, caution=False", DECOUPLED, True, _TIMM, ()),
    ("timm.optim.NAdam", f"lr=0.002, {_BETAS}, weight_decay=0, schedule_decay=0.004", COUPLED, True, _TIMM, ()),
    ("timm.optim.RAdam", f"lr=0.001, {_BETAS}, weight_decay=0", UNKNOWN, True, f"{_TIMM}: decoupled before 1.0, torch's after", ()),
    (
        "timm.optim.AdaBelief",
        "lr=0.001, betas=(0.9, 0.999), eps=1e-16, weight_decay=0, amsgrad=False, decoupled_decay=True, fixed_decay=False, rectify=True, "
        "degenerated_to_sgd=True",
        DECOUPLED,
        True,
        _TIMM,
        (("decoupled_decay", False, COUPLED),),
    ),
    (
        "timm.optim.Adafactor",
        "lr=None, eps=1e-30, eps_scale=0.001, clip_threshold=1.0, decay_rate=-0.8, betas=None, weight_decay=0.0, scale_parameter=True, "
        "warmup_init=False",
        DECOUPLED,
        True,
        _TIMM,
        (),
    ),
    ("timm.optim.AdamP", f"lr=0.001, {_BETAS}, weight_decay=0, delta=0.1, wd_ratio=0.1, nesterov=False", UNKNOWN, True, _TIMM, ()),
    ("timm.optim.Adan", "lr=0.001, betas=(0.98, 0.92, 0.99), eps=1e-08, weight_decay=0.0, no_prox=False", DECOUPLED, True, _TIMM, ()),
    (
        "timm.optim.Lamb",
        "lr=0.001, bias_correction=True, betas=(0.9, 0.999), eps=1e-06, weight_decay=0.01, grad_averaging=True, max_grad_norm=1.0, "
        "trust_clip=False, always_adapt=False, caution=False, decoupled_decay=False, corrected_weight_decay=False",
        UNKNOWN,
        True,
        _TIMM,
        _DECOUPLED_DECAY,
    ),
    (
        "timm.optim.Lars",
        "lr=1.0, momentum=0, dampening=0, weight_decay=0, nesterov=False, trust_coeff=0.001, eps=1e-08, trust_clip=False, "
        "always_adapt=False",
        COUPLED,
        False,
        _TIMM,
        (),
    ),
    ("timm.optim.Lion", "lr=0.0001, betas=(0.9, 0.99), weight_decay=0.0", DECOUPLED, True, _TIMM, ()),
    (
        "timm.optim.MADGRAD",
        "lr=0.01, momentum=0.9, weight_decay=0, eps=1e-06, decoupled_decay=False",
        COUPLED,
        True,
        _TIMM,
        _DECOUPLED_DECAY,
    ),
    ("timm.optim.NvNovoGrad", "lr=0.001, betas=(0.95, 0.98), eps=1e-08, weight_decay=0, grad_averaging=False", COUPLED, True, _TIMM, ()),
    (
        "timm.optim.RMSpropTF",
        "lr=0.01, alpha=0.9, eps=1e-10, weight_decay=0, momentum=0.0, centered=False, decoupled_decay=False",
        COUPLED,
        True,
        _TIMM,
        _DECOUPLED_DECAY,
    ),
    ("timm.optim.SGDW", "lr=0.001, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False", DECOUPLED, False, _TIMM, ()),
    ("torch_optimizer.AccSGD", "lr=0.001, kappa=1000.0, xi=10.0, small_const=0.7, weight_decay=0", COUPLED, False, _JETTIFY, ()),
    (
        "torch_optimizer.AdaBelief",
        f"lr=0.001, {_BETAS}, weight_decay=0, amsgrad=False, weight_decouple=False, fixed_decay=False, rectify=False",
        COUPLED,
        True,
        _JETTIFY,
        (("weight_decouple", True, DECOUPLED),),
    ),
    (
        "torch_optimizer.AdaBound",
        "lr=0.001, betas=(0.9, 0.999), final_lr=0.1, gamma=0.001, eps=1e-08, weight_decay=0, amsbound=False",
        COUPLED,
        True,
        _JETTIFY,
        (),
    ),
    ("torch_optimizer.AdaMod", "lr=0.001, betas=(0.9, 0.999), beta3=0.999, eps=1e-08, weight_decay=0", DECOUPLED, True, _JETTIFY, ()),
    ("torch_optimizer.AggMo", "lr=0.001, betas=(0.0, 0.9, 0.99), weight_decay=0", COUPLED, False, _JETTIFY, ()),
    ("torch_optimizer.DiffGrad", f"lr=0.001, {_BETAS}, weight_decay=0.0", COUPLED, True, _JETTIFY, ()),
    (
        "torch_optimizer.Lamb",
        "lr=0.001, betas=(0.9, 0.999), eps=1e-06, weight_decay=0, clamp_value=10, adam=False, debias=False",
        UNKNOWN,
        True,
        _JETTIFY,
        (),
    ),
    ("torch_optimizer.Lion", "lr=0.0001, betas=(0.9, 0.99), weight_decay=0.0", DECOUPLED, True, _JETTIFY, ()),
    ("torch_optimizer.MADGRAD", "lr=0.01, momentum=0.9, weight_decay=0.0, eps=1e-06", COUPLED, True, _JETTIFY, ()),
    ("torch_optimizer.NovoGrad", "lr=0.001, betas=(0.95, 0), eps=1e-08, weight_decay=0, grad_averaging=False", COUPLED, True, _JETTIFY, ()),
    (
        "torch_optimizer.QHAdam",
        "lr=0.001, betas=(0.9, 0.999), nus=(1.0, 1.0), weight_decay=0.0, decouple_weight_decay=False, eps=1e-08",
        COUPLED,
        True,
        _JETTIFY,
        (("decouple_weight_decay", True, DECOUPLED),),
    ),
    ("torch_optimizer.RAdam", f"lr=0.001, {_BETAS}, weight_decay=0", DECOUPLED, True, _JETTIFY, ()),
    (
        "torch_optimizer.Yogi",
        "lr=0.01, betas=(0.9, 0.999), eps=0.001, initial_accumulator=1e-06, weight_decay=0",
        COUPLED,
        True,
        _JETTIFY,
        (),
    ),
)
"""UNKNOWN stands where a trust ratio (Lamb) or a projection (AdamP) rescales the decay, so that no simple factor holds.

torch_optimizer.SGDW is left out: its decay shifts every weight by the same amount.
"""

_BNB_TAIL = "args=None, min_8bit_size=4096"
_BNB: tuple[tuple[str, str, DecayKind, bool], ...] = (
    ("Adam", f"lr=0.001, {_BETAS}, weight_decay=0, amsgrad=False, optim_bits=32, {_BNB_TAIL}, is_paged=False", DECOUPLED, True),
    ("AdamW", f"lr=0.001, {_BETAS}, weight_decay=0.01, amsgrad=False, optim_bits=32, {_BNB_TAIL}, is_paged=False", DECOUPLED, True),
    ("Lion", f"lr=0.0001, betas=(0.9, 0.99), weight_decay=0, {_BNB_TAIL}, is_paged=False", DECOUPLED, True),
    ("SGD", f"lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, {_BNB_TAIL}", COUPLED, False),
    ("RMSprop", f"lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered=False, {_BNB_TAIL}", COUPLED, True),
    ("Adagrad", f"lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, optim_bits=8, {_BNB_TAIL}", COUPLED, True),
)
"""bitsandbytes, where Adam shares the kernel of AdamW: `p *= 1 - lr * weight_decay`, in spite of its name.

Source: bitsandbytes/optim/*.py and csrc/kernels.cu kOptimizer32bit2State, kOptimizer32bit1State (0.45).
"""

_WRAPPERS: tuple[tuple[str, str, str], ...] = (
    ("torch.distributed.optim.ZeroRedundancyOptimizer", "optimizer_class, process_group=None", "torch/distributed/optim (2.13)"),
    ("fairscale.optim.OSS", "optim, group=None, broadcast_buffer_size=-1", "fairscale/optim/oss.py (0.4)"),
    ("torch_optimizer.Lookahead", "k=5, alpha=0.5", _JETTIFY),
    ("timm.optim.Lookahead", "alpha=0.5, k=6", _TIMM),
)
"""Wrappers. The first two take (params, class, **options of the class), Lookahead takes a built optimizer in place of params."""


def _facts() -> Mapping[str, OptimizerFact]:
    table: dict[str, OptimizerFact] = {}
    for name, text, decay, adaptive, source, switches in _ROWS:
        momentum = "momentum" if "momentum=" in text else ""
        table[name] = OptimizerFact(name, Signature(text), decay, adaptive, source, momentum, switches)
    for short, text, decay, adaptive in _BNB:
        for spelled in (short, f"{short}8bit", f"{short}32bit", f"Paged{short}", f"Paged{short}8bit", f"Paged{short}32bit"):
            if spelled.startswith("Paged") and "is_paged" not in text:
                continue  # bitsandbytes pages Adam, AdamW and Lion only
            name = f"bitsandbytes.optim.{spelled}"
            momentum = "momentum" if "momentum=" in text else ""
            table[name] = OptimizerFact(name, Signature(text), decay, adaptive, "bitsandbytes/optim, csrc/kernels.cu (0.45)", momentum)
    for name, text, source in _WRAPPERS:
        table[name] = OptimizerFact(name, Signature(text), UNKNOWN, False, source, wraps=True)
    return MappingProxyType(table)


OTHER_OPTIMIZERS: Mapping[str, OptimizerFact] = _facts()
"""Canonical name → optimizer of another package."""

OPTIMIZER_FACTORIES: frozenset[str] = frozenset({"timm.optim.create_optimizer", "timm.optim.create_optimizer_v2"})
"""Functions that build an optimizer of a kind named by a string; given a model they exempt 1-d parameters and biases from decay.

Source: timm/optim/_optim_factory.py create_optimizer_v2, `filter_bias_and_bn=True` (1.0).
"""
