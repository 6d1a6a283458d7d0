"""Dropout called as a function: which argument is the rate, which one the gate, and what happens when the gate is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reglint.knowledge.signature import REQUIRED, Signature


@dataclass(frozen=True, slots=True)
class DropoutFact:
    """A function that drops values. `rate` and `gate` are options; `gate` is "" where only a rate of 0 switches it off.

    A gated function called without its gate is `always_on` (default True), or never acts at all (default False:
    alpha_dropout, feature_alpha_dropout, rrelu). `rate` is "" for rrelu, which draws a slope.
    """

    name: str
    signature: Signature
    rate: str
    gate: str
    source: str

    @property
    def default_rate(self) -> float | None:
        """The rate where none is given; None where one must be given."""
        default = self.signature.default(self.rate) if self.rate else None
        return float(default) if isinstance(default, (int, float)) else None

    @property
    def default_gate(self) -> bool | None:
        """The gate where none is given; None where there is no gate or it must be given."""
        default = self.signature.default(self.gate) if self.gate else REQUIRED
        return default if isinstance(default, bool) else None

    @property
    def always_on(self) -> bool:
        """Does a call with a rate and nothing else drop values in evaluation too?"""
        return self.default_gate is True or not self.gate

    @property
    def never_on(self) -> bool:
        """Does a call with a rate and nothing else drop nothing, even in training?"""
        return self.default_gate is False


_F, _C = "torch/nn/functional.py (2.13)", "aten/src/ATen/native/Dropout.cpp (2.13)"
_FLASH, _XFORMERS = "flash_attn/flash_attn_interface.py (2.6)", "xformers/ops/fmha/__init__.py (0.0.27)"
_ON = "input, p=0.5, training=True, inplace=False"
_OFF = "input, p=0.5, training=False, inplace=False"
_MHA = (
    "query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn, dropout_p, "
    "out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None, "
    "use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, "
    "average_attn_weights=True, is_causal=False"
)
_SDPA = "query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False"
_FLASH_TAIL = "dropout_p=0.0, softmax_scale=None, causal=False"
_VARLEN = "cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k"

DROPOUTS: Mapping[str, DropoutFact] = MappingProxyType(
    {
        name: DropoutFact(name, Signature(text), rate, gate, source)
        for name, text, rate, gate, source in (
            *((f"torch.nn.functional.dropout{d}", _ON, "p", "training", _F) for d in ("", "1d", "2d", "3d")),
            ("torch.nn.functional.alpha_dropout", _OFF, "p", "training", _F),
            ("torch.nn.functional.feature_alpha_dropout", _OFF, "p", "training", _F),
            (
                "torch.nn.functional.rrelu",
                "input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False",
                "",
                "training",
                _F,
            ),
            ("torch.nn.functional.multi_head_attention_forward", _MHA, "dropout_p", "training", _F),
            ("torch.nn.functional.scaled_dot_product_attention", _SDPA, "dropout_p", "", _F),
            *((f"torch.{n}", "input, p, train", "p", "train", _C) for n in ("dropout", "alpha_dropout", "feature_dropout")),
            ("torch.feature_alpha_dropout", "input, p, train", "p", "train", _C),
            ("torch.dropout_", "input, p, train", "p", "train", _C),
            ("flash_attn.flash_attn_func", f"q, k, v, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            ("flash_attn.flash_attn_kvpacked_func", f"q, kv, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            ("flash_attn.flash_attn_qkvpacked_func", f"qkv, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            ("flash_attn.flash_attn_varlen_func", f"q, k, v, {_VARLEN}, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            ("flash_attn.flash_attn_varlen_kvpacked_func", f"q, kv, {_VARLEN}, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            ("flash_attn.flash_attn_varlen_qkvpacked_func", f"qkv, cu_seqlens, max_seqlen, {_FLASH_TAIL}", "dropout_p", "", _FLASH),
            (
                "xformers.ops.memory_efficient_attention",
                "query, key, value, attn_bias=None, p=0.0, scale=None, op=None",
                "p",
                "",
                _XFORMERS,
            ),
        )
    }
)
"""Canonical name → dropout function."""


def dropout_function(dotted: str) -> DropoutFact | None:
    """The dropout function with this canonical name, or None where it is none."""
    return DROPOUTS.get(dotted)
