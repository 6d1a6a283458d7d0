"""Layers of torch.nn: constructor parameters, learnable parameters, dependence on the mode, activation of the result."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from reglint.knowledge.activations import ACTIVATION, Activation
from reglint.knowledge.signature import Default, Signature


class ModeDependence(enum.StrEnum):
    """Why a layer computes something else in train() than in eval()."""

    DROPOUT = "dropout"
    BATCHNORM = "batchnorm"
    RANDOM = "random"  # RReLU draws its slope


class ParamRole(enum.StrEnum):
    """What a parameter is for; the values are those of the step model's Role."""

    WEIGHT = "weight"
    BIAS = "bias"
    NORM = "norm"  # scale and shift of a normalisation
    EMBEDDING = "embedding"
    PRELU = "prelu"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ParameterFact:
    """A learnable parameter of a layer; it exists when all the constructor options in `when` are true."""

    name: str
    role: ParamRole
    ndim: int
    when: tuple[str, ...] = ()

    def under(self, prefix: str, *when: str) -> ParameterFact:
        """The same parameter seen from a parent that holds the layer as `prefix`, under the parent's options."""
        return replace(self, name=f"{prefix}.{self.name}", when=when if self.when else ())


@dataclass(frozen=True, slots=True)
class LayerFact:
    """A class of torch.nn.

    `rate`: the constructor option that is the drop rate ("" for none); rate 0 means no dependence on the mode.
    `mode_when`: the option that must be true for a dependence on the mode (`track_running_stats`; "" for always).
    `output`: activation of the result. `passthrough`: the result holds the input's values (dropout, reshaping, Identity),
    so the input's activation stands. `container`: holds other modules. `complete`: `parameters` is the whole truth;
    otherwise they depend on numbers, see `reglint.knowledge.recurrent`.
    """

    name: str
    signature: Signature
    parameters: tuple[ParameterFact, ...] = ()
    mode: ModeDependence | None = None
    rate: str = ""
    mode_when: str = ""
    output: Activation | None = None
    passthrough: bool = False
    container: bool = False
    complete: bool = True
    source: str = ""

    @property
    def rate_position(self) -> int | None:
        """The position of the drop rate among the positional arguments."""
        return self.signature.position(self.rate) if self.rate else None

    @property
    def default_rate(self) -> float | None:
        """The default drop rate; None where the layer has none."""
        default = self.signature.default(self.rate) if self.rate else None
        return float(default) if isinstance(default, (int, float)) else None

    def parameters_with(self, options: Mapping[str, Default]) -> tuple[ParameterFact, ...]:
        """The parameters of an instance built with these literal options; defaults fill in the rest."""
        return tuple(p for p in self.parameters if all(bool(options.get(o, self.signature.default(o))) for o in p.when))


_DEVICE = "device=None, dtype=None"
_CONV = f"stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros', {_DEVICE}"
_UNCONV = f"stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1, padding_mode='zeros', {_DEVICE}"
_BN = f"eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, {_DEVICE}, *, bias=True"
_IN = f"eps=1e-05, momentum=0.1, affine=False, track_running_stats=False, {_DEVICE}, *, bias=True"
_DROP = "p=0.5, inplace=False"
_TAIL = f"layer_norm_eps=1e-05, batch_first=False, norm_first=False, bias=True, {_DEVICE}"
_BLOCK = f"d_model, nhead, dim_feedforward=2048, dropout=0.1, activation='relu', {_TAIL}"
_RNN = f"bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0, {_DEVICE}"

W, B, N = ParamRole.WEIGHT, ParamRole.BIAS, ParamRole.NORM
_BIAS = ParameterFact("bias", B, 1, ("bias",))
_LINEAR = (ParameterFact("weight", W, 2), _BIAS)
_AFFINE = (ParameterFact("weight", N, 1, ("affine",)), ParameterFact("bias", N, 1, ("affine", "bias")))
_EMBEDDING = (ParameterFact("weight", ParamRole.EMBEDDING, 2),)
_CELL = tuple(ParameterFact(f"weight_{s}", W, 2) for s in ("ih", "hh")) + tuple(
    ParameterFact(f"bias_{s}", B, 1, ("bias",)) for s in ("ih", "hh")
)
_OUT = (ParameterFact("out_proj.weight", W, 2), ParameterFact("out_proj.bias", B, 1, ("bias",)))
_ATTENTION = (
    ParameterFact("in_proj_weight", W, 2),
    ParameterFact("in_proj_bias", B, 1, ("bias",)),
    ParameterFact("bias_k", B, 3, ("add_bias_kv",)),
    ParameterFact("bias_v", B, 3, ("add_bias_kv",)),
    *_OUT,
)


def _inside(attention: str) -> list[ParameterFact]:
    own = [p for p in _ATTENTION if p.when != ("add_bias_kv",)]
    return [p.under(attention, "bias") for p in own]


def _block(attentions: tuple[str, ...], norms: int) -> tuple[ParameterFact, ...]:
    attention = [p for name in attentions for p in _inside(name)]
    linear = [p.under(name, "bias") for name in ("linear1", "linear2") for p in _LINEAR]
    norm = [
        p for i in range(1, norms + 1) for p in (ParameterFact(f"norm{i}.weight", N, 1), ParameterFact(f"norm{i}.bias", N, 1, ("bias",)))
    ]
    return (*attention, *linear, *norm)


_BARE = LayerFact("", Signature(""))


def _layers() -> Mapping[str, LayerFact]:
    table: dict[str, LayerFact] = {}

    def add(names: str, text: str, file: str, fact: LayerFact = _BARE) -> None:
        for name in names.split():
            dotted = f"torch.nn.{name}"
            where = f"torch/nn/modules/{file}.py {name} (2.13)"
            table[dotted] = replace(fact, name=dotted, signature=Signature(text), output=ACTIVATION.get(dotted), source=where)

    def having(*parameters: ParameterFact) -> LayerFact:
        return LayerFact("", Signature(""), parameters)

    passing = replace(_BARE, passthrough=True)
    dropping = replace(passing, mode=ModeDependence.DROPOUT, rate="p")
    running = LayerFact("", Signature(""), _AFFINE, ModeDependence.BATCHNORM, mode_when="track_running_stats")
    holding = replace(_BARE, container=True, complete=False)

    add("Linear", f"in_features, out_features, bias=True, {_DEVICE}", "linear", having(*_LINEAR))
    add("LazyLinear", f"out_features, bias=True, {_DEVICE}", "linear", having(*_LINEAR))
    add(
        "Bilinear",
        f"in1_features, in2_features, out_features, bias=True, {_DEVICE}",
        "linear",
        having(ParameterFact("weight", W, 3), _BIAS),
    )
    for dim in (1, 2, 3):
        kernel = having(ParameterFact("weight", W, dim + 2), _BIAS)
        add(f"Conv{dim}d", f"in_channels, out_channels, kernel_size, {_CONV}", "conv", kernel)
        add(f"ConvTranspose{dim}d", f"in_channels, out_channels, kernel_size, {_UNCONV}", "conv", kernel)
        add(f"LazyConv{dim}d", f"out_channels, kernel_size, {_CONV}", "conv", kernel)
        add(f"LazyConvTranspose{dim}d", f"out_channels, kernel_size, {_UNCONV}", "conv", kernel)
        add(f"BatchNorm{dim}d", f"num_features, {_BN}", "batchnorm", running)
        add(f"LazyBatchNorm{dim}d", _BN, "batchnorm", running)
        add(f"InstanceNorm{dim}d", f"num_features, {_IN}", "instancenorm", running)
        add(f"LazyInstanceNorm{dim}d", _BN, "instancenorm", running)
    sync = _BN.replace("track_running_stats=True, ", "track_running_stats=True, process_group=None, ")
    add("SyncBatchNorm", f"num_features, {sync}", "batchnorm", running)
    add("GroupNorm", f"num_groups, num_channels, eps=1e-05, affine=True, {_DEVICE}, *, bias=True", "normalization", having(*_AFFINE))
    scale, shift = ParameterFact("weight", N, 1, ("elementwise_affine",)), ParameterFact("bias", N, 1, ("elementwise_affine", "bias"))
    add("LayerNorm", f"normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, {_DEVICE}", "normalization", having(scale, shift))
    add("RMSNorm", f"normalized_shape, eps=None, elementwise_affine=True, {_DEVICE}", "normalization", having(scale))
    norms = "scale_grad_by_freq=False"
    add(
        "Embedding",
        f"num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, {norms}, sparse=False, _weight=None, "
        f"_freeze=False, {_DEVICE}",
        "sparse",
        having(*_EMBEDDING),
    )
    add(
        "EmbeddingBag",
        f"num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, {norms}, mode='mean', sparse=False, _weight=None, "
        f"include_last_offset=False, padding_idx=None, {_DEVICE}",
        "sparse",
        having(*_EMBEDDING),
    )
    add("PReLU", f"num_parameters=1, init=0.25, {_DEVICE}", "activation", having(ParameterFact("weight", ParamRole.PRELU, 1)))
    recurrent = replace(_BARE, mode=ModeDependence.DROPOUT, rate="dropout", complete=False)
    add("LSTM GRU", f"input_size, hidden_size, num_layers=1, {_RNN}", "rnn", recurrent)
    add("RNN", f"input_size, hidden_size, num_layers=1, nonlinearity='tanh', {_RNN}", "rnn", recurrent)
    add("LSTMCell GRUCell", f"input_size, hidden_size, bias=True, {_DEVICE}", "rnn", having(*_CELL))
    add("RNNCell", f"input_size, hidden_size, bias=True, nonlinearity='tanh', {_DEVICE}", "rnn", having(*_CELL))
    attention = replace(having(*_ATTENTION), mode=ModeDependence.DROPOUT, rate="dropout")
    add(
        "MultiheadAttention",
        f"embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, vdim=None, "
        f"batch_first=False, {_DEVICE}",
        "activation",
        attention,
    )
    add("TransformerEncoderLayer", _BLOCK, "transformer", replace(attention, parameters=_block(("self_attn",), 2)))
    add("TransformerDecoderLayer", _BLOCK, "transformer", replace(attention, parameters=_block(("self_attn", "multihead_attn"), 3)))
    add("TransformerEncoder", "encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True", "transformer", holding)
    add("TransformerDecoder", "decoder_layer, num_layers, norm=None", "transformer", holding)
    add(
        "Transformer",
        "d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048, dropout=0.1, activation='relu', "
        f"custom_encoder=None, custom_decoder=None, {_TAIL}",
        "transformer",
        replace(attention, parameters=(), complete=False),
    )
    add(
        "AdaptiveLogSoftmaxWithLoss",
        f"in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, {_DEVICE}",
        "adaptive",
        replace(_BARE, complete=False),
    )
    add("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout", _DROP, "dropout", dropping)
    random = replace(_BARE, mode=ModeDependence.RANDOM)
    add("RReLU", "lower=0.125, upper=0.3333333333333333, inplace=False", "activation", random)
    add("Module", "", "module", replace(_BARE, container=True, complete=False))
    add("Sequential", "*args", "container", holding)
    add("ModuleList ModuleDict", "modules=None", "container", holding)
    add("ParameterList", "values=None", "container", holding)
    add("ParameterDict", "parameters=None", "container", holding)
    add("Identity", "", "linear", passing)
    add("Flatten", "start_dim=1, end_dim=-1", "flatten", passing)
    add("Unflatten", "dim, unflattened_size", "flatten", passing)
    add("ChannelShuffle", "groups", "channelshuffle", passing)
    add("PixelShuffle", "upscale_factor", "pixelshuffle", passing)
    add("PixelUnshuffle", "downscale_factor", "pixelshuffle", passing)
    for names, text, file in _PLAIN:
        add(names, text, file)
    return MappingProxyType(table)


_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("Sigmoid LogSigmoid Tanh Tanhshrink Softsign Softmax2d", "", "activation"),
    ("ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish", "inplace=False", "activation"),
    ("ELU CELU", "alpha=1.0, inplace=False", "activation"),
    ("LeakyReLU", "negative_slope=0.01, inplace=False", "activation"),
    ("GELU", "approximate='none'", "activation"),
    ("GLU", "dim=-1", "activation"),
    ("Softmax LogSoftmax Softmin", "dim=None", "activation"),
    ("Hardshrink Softshrink", "lambd=0.5", "activation"),
    ("Hardtanh", "min_val=-1.0, max_val=1.0, inplace=False, min_value=None, max_value=None", "activation"),
    ("Softplus", "beta=1.0, threshold=20.0", "activation"),
    ("Threshold", "threshold, value, inplace=False", "activation"),
    ("AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", "output_size", "pooling"),
    ("AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d", "output_size, return_indices=False", "pooling"),
    ("AvgPool1d", "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True", "pooling"),
    (
        "AvgPool2d AvgPool3d",
        "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
        "pooling",
    ),
    ("MaxPool1d MaxPool2d MaxPool3d", "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False", "pooling"),
    ("MaxUnpool1d MaxUnpool2d MaxUnpool3d", "kernel_size, stride=None, padding=0", "pooling"),
    ("LPPool1d LPPool2d LPPool3d", "norm_type, kernel_size, stride=None, ceil_mode=False", "pooling"),
    (
        "FractionalMaxPool2d FractionalMaxPool3d",
        "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None",
        "pooling",
    ),
    ("CircularPad1d CircularPad2d CircularPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d", "padding", "padding"),
    ("ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d", "padding", "padding"),
    ("ConstantPad1d ConstantPad2d ConstantPad3d", "padding, value", "padding"),
    ("CosineSimilarity", "dim=1, eps=1e-08", "distance"),
    ("PairwiseDistance", "p=2.0, eps=1e-06, keepdim=False", "distance"),
    ("CrossMapLRN2d", "size, alpha=0.0001, beta=0.75, k=1", "normalization"),
    ("LocalResponseNorm", "size, alpha=0.0001, beta=0.75, k=1.0", "normalization"),
    ("Fold", "output_size, kernel_size, dilation=1, padding=0, stride=1", "fold"),
    ("Unfold", "kernel_size, dilation=1, padding=0, stride=1", "fold"),
    ("Upsample", "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None", "upsampling"),
    ("UpsamplingBilinear2d UpsamplingNearest2d", "size=None, scale_factor=None", "upsampling"),
)
"""Layers without parameters whose result is new values. Source: torch/nn/modules/*.py (2.13)."""


@cache
def layers() -> Mapping[str, LayerFact]:
    """Every class of torch.nn that is not a loss, by canonical name. Source: torch/nn/modules/*.py (2.13)."""
    return _layers()


def layer(dotted: str) -> LayerFact | None:
    """The layer with this canonical dotted name; None where torch.nn has none (losses: `reglint.knowledge.losses`)."""
    return layers().get(dotted)
