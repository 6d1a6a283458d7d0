"""The parameters of torch.nn layers, by their constructor arguments."""

from __future__ import annotations

from collections.abc import Mapping

from reglint.knowledge import recurrent
from reglint.knowledge.layers import LayerFact, ParameterFact, layer
from reglint.reader.domain import Param
from reglint.reader.machine import Machine, default_of
from reglint.source import Place
from reglint.step.values import Const, Expr, Value

MAX_STACKED = 100
RECURRENT = frozenset({"torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN"})
# Classes that layers derive from; the names of those that do hold one of these words.
ABSTRACT: dict[str, tuple[str, ...]] = {
    "_BatchNorm": ("BatchNorm",),
    "_InstanceNorm": ("InstanceNorm",),
    "_NormBase": ("BatchNorm", "InstanceNorm"),
    "_ConvNd": ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose"),
    "_ConvTransposeNd": ("ConvTranspose",),
    "_DropoutNd": ("Dropout",),
    "RNNBase": ("LSTM", "GRU", "RNN"),
}
REPARAMETRIZED = {
    "torch.nn.utils.weight_norm": ("{}_g", "{}_v"),
    "torch.nn.utils.spectral_norm": ("{}_orig",),
    "torch.nn.utils.parametrizations.weight_norm": ("parametrizations.{}.original0", "parametrizations.{}.original1"),
    "torch.nn.utils.parametrizations.spectral_norm": ("parametrizations.{}.original",),
    "torch.nn.utils.parametrizations.orthogonal": ("parametrizations.{}.original",),
}


class Undecided(Exception):
    """An option on which the parameters depend is not known."""


def parameters(known: LayerFact, arguments: Mapping[str, Value], place: Place) -> tuple[dict[str, Param], bool]:
    """The parameters of a library layer with these arguments, and whether these are all for sure."""
    try:
        facts, complete = _facts(known, arguments), True
    except Undecided:
        facts, complete = tuple(p for p in known.parameters if not p.when), False
    return {p.name: Param(known.name, str(p.role), p.ndim, "", place) for p in facts}, complete


def is_layer(name: str, other: str) -> bool | None:
    """Is a layer (or a class whose nearest base in torch is that one) an instance of another class of torch? None where not known."""
    short, last = name.rpartition(".")[2], other.rpartition(".")[2]
    if other.startswith("builtins."):
        return False
    parts = ABSTRACT.get(last)
    if parts is not None:
        return any(part in short for part in parts) and not (last == "RNNBase" and short.endswith("Cell"))
    if layer(other) is None or layer(name) is None:
        return None
    return name == other or short == f"Lazy{last}"


def option(known: LayerFact, arguments: Mapping[str, Value], name: str) -> object:
    """The value of a constructor option, with the program's default options. Raises Undecided."""
    given = arguments.get(name)
    if given is None:
        return known.signature.default(name)
    value = default_of(given)
    if isinstance(value, Const):
        return value.value
    raise Undecided


def _facts(known: LayerFact, arguments: Mapping[str, Value]) -> tuple[ParameterFact, ...]:
    def number(name: str) -> int:
        value = option(known, arguments, name)
        if not isinstance(value, int) or not 0 <= value <= MAX_STACKED:
            raise Undecided
        return value

    def flag(name: str) -> bool:
        return bool(option(known, arguments, name))

    if known.name in RECURRENT:
        return recurrent.recurrent_parameters(known.name, number("num_layers"), flag("bidirectional"), flag("bias"), number("proj_size"))
    if known.name == "torch.nn.MultiheadAttention":
        same = arguments.get("kdim") is None and arguments.get("vdim") is None
        if not same:
            same = all(option(known, arguments, n) in (None, option(known, arguments, "embed_dim")) for n in ("kdim", "vdim"))
        return recurrent.attention_parameters(same_dims=same, bias=flag("bias"), add_bias_kv=flag("add_bias_kv"))
    if known.name == "torch.nn.Transformer" and "custom_encoder" not in arguments and "custom_decoder" not in arguments:
        return recurrent.transformer_parameters(number("num_encoder_layers"), number("num_decoder_layers"), flag("bias"))
    if known.container:
        return ()  # it holds other modules and no parameter of its own
    if not known.complete:
        raise Undecided
    return tuple(p for p in known.parameters if all(flag(w) for w in p.when))


def reparametrized(m: Machine, params: Mapping[str, Value], function: str, name: str, place: Place) -> dict[str, Value] | None:
    """The parameters after weight_norm and its like: others stand in for the one called `name`. None where that is not shown."""
    original = params.get(name)
    patterns = REPARAMETRIZED.get(function)
    if not isinstance(original, Param) or patterns is None:
        return None
    kept = {n: v for n, v in params.items() if n != name}
    return kept | {p.format(name): Param(original.layer, original.role, original.ndim, "", place) for p in patterns}


def stands_for(params: Mapping[str, Value], name: str, place: Place) -> Value | None:
    """What reading a reparametrized `weight` gives: something computed from the parameters that stand in for it."""
    patterns = {p.format(name) for shape in REPARAMETRIZED.values() for p in shape}
    parts = tuple(v for n, v in params.items() if n in patterns)
    return Expr("reparametrized", parts, {}, place) if parts else None
