"""Parameters of layers whose number depends on arguments: recurrent layers, attention, transformers, adaptive softmax."""

from __future__ import annotations

from reglint.knowledge.layers import LayerFact, ParameterFact, ParamRole, layer

_W, _B, _N = ParamRole.WEIGHT, ParamRole.BIAS, ParamRole.NORM


def recurrent_parameters(
    kind: str, num_layers: int = 1, bidirectional: bool = False, bias: bool = True, proj_size: int = 0
) -> tuple[ParameterFact, ...]:
    """The parameters of an LSTM, GRU or RNN in the order of `named_parameters()`.

    `kind` is the class name or its dotted form. Only an LSTM has projections (`weight_hr_l0`).
    Source: torch/nn/modules/rnn.py RNNBase.__init__ (2.13).
    """
    projected = proj_size > 0 and kind.rpartition(".")[2] == "LSTM"
    found: list[ParameterFact] = []
    for index in range(num_layers):
        for suffix in (f"_l{index}", f"_l{index}_reverse")[: 2 if bidirectional else 1]:
            found += [ParameterFact(f"weight_{s}{suffix}", _W, 2) for s in ("ih", "hh")]
            found += [ParameterFact(f"bias_{s}{suffix}", _B, 1) for s in ("ih", "hh") if bias]
            found += [ParameterFact(f"weight_hr{suffix}", _W, 2)] if projected else []
    return tuple(found)


def attention_parameters(*, same_dims: bool = True, bias: bool = True, add_bias_kv: bool = False) -> tuple[ParameterFact, ...]:
    """The parameters of a MultiheadAttention; `same_dims` is False where kdim or vdim differs from embed_dim.

    Source: torch/nn/modules/activation.py MultiheadAttention.__init__ (2.13).
    """
    names = ("in_proj_weight",) if same_dims else ("q_proj_weight", "k_proj_weight", "v_proj_weight")
    found = [ParameterFact(name, _W, 2) for name in names]
    found += [ParameterFact("in_proj_bias", _B, 1)] if bias else []
    found += [ParameterFact("bias_k", _B, 3), ParameterFact("bias_v", _B, 3)] if add_bias_kv else []
    found += [ParameterFact("out_proj.weight", _W, 2)]
    found += [ParameterFact("out_proj.bias", _B, 1)] if bias else []
    return tuple(found)


def stacked_parameters(block: tuple[ParameterFact, ...], num_layers: int) -> tuple[ParameterFact, ...]:
    """The parameters of a TransformerEncoder or TransformerDecoder without its optional `norm`.

    Source: torch/nn/modules/transformer.py TransformerEncoder.__init__, `_get_clones` (2.13).
    """
    return tuple(p.under(f"layers.{index}") for index in range(num_layers) for p in block)


def transformer_parameters(num_encoder_layers: int = 6, num_decoder_layers: int = 6, bias: bool = True) -> tuple[ParameterFact, ...]:
    """The parameters of a torch.nn.Transformer without custom encoder and decoder.

    Source: torch/nn/modules/transformer.py Transformer.__init__ (2.13).
    """
    found: list[ParameterFact] = []
    for half, count, block in (
        ("encoder", num_encoder_layers, _known("torch.nn.TransformerEncoderLayer")),
        ("decoder", num_decoder_layers, _known("torch.nn.TransformerDecoderLayer")),
    ):
        found += [p.under(half) for p in stacked_parameters(block.parameters_with({"bias": bias}), count)]
        found += [ParameterFact(f"{half}.norm.weight", _N, 1)]
        found += [ParameterFact(f"{half}.norm.bias", _N, 1)] if bias else []
    return tuple(found)


def adaptive_softmax_parameters(clusters: int, head_bias: bool = False) -> tuple[ParameterFact, ...]:
    """The parameters of an AdaptiveLogSoftmaxWithLoss with `clusters` = len(cutoffs).

    Source: torch/nn/modules/adaptive.py AdaptiveLogSoftmaxWithLoss.__init__ (2.13).
    """
    head = [ParameterFact("head.weight", _W, 2)] + ([ParameterFact("head.bias", _B, 1)] if head_bias else [])
    return (*head, *(ParameterFact(f"tail.{i}.{j}.weight", _W, 2) for i in range(clusters) for j in (0, 1)))


def _known(dotted: str) -> LayerFact:
    found = layer(dotted)
    assert found is not None
    return found
