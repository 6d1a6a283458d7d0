"""Activations that turn scores into probabilities: one table for functions, tensor methods and layers."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Scale(enum.StrEnum):
    """What the numbers of a tensor are, as a loss sees them."""

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "log-probabilities"
    ANY = "any"


class Activation(enum.StrEnum):
    """The functions whose result is on the scale of probabilities, and those that only bound or bend it."""

    SOFTMAX = "softmax"
    LOG_SOFTMAX = "log_softmax"
    SIGMOID = "sigmoid"
    LOG_SIGMOID = "log_sigmoid"
    HARD_SIGMOID = "hard_sigmoid"
    TANH = "tanh"
    RELU = "relu"
    OTHER = "other"

    @property
    def scale(self) -> Scale:
        """PROBABILITIES after softmax and (hard) sigmoid, LOG_PROBABILITIES after their logarithms, ANY after the rest."""
        return _SCALE.get(self, Scale.ANY)

    @property
    def normalised(self) -> bool:
        """Do the results (or their exponentials) sum to 1 along a dimension?"""
        return self in (Activation.SOFTMAX, Activation.LOG_SOFTMAX)


_SCALE: Mapping[Activation, Scale] = MappingProxyType(
    {
        Activation.SOFTMAX: Scale.PROBABILITIES,
        Activation.SIGMOID: Scale.PROBABILITIES,
        Activation.HARD_SIGMOID: Scale.PROBABILITIES,
        Activation.LOG_SOFTMAX: Scale.LOG_PROBABILITIES,
        Activation.LOG_SIGMOID: Scale.LOG_PROBABILITIES,
    }
)

_S, _LS, _SG, _LSG = Activation.SOFTMAX, Activation.LOG_SOFTMAX, Activation.SIGMOID, Activation.LOG_SIGMOID

_OTHER_FUNCTIONS = (
    "elu elu_ selu selu_ celu celu_ leaky_relu leaky_relu_ rrelu rrelu_ gelu glu relu6 prelu silu mish hardswish hardtanh "
    "hardtanh_ hardshrink softshrink tanhshrink softsign softplus threshold threshold_"
)
_OTHER_LAYERS = (
    "ELU SELU CELU LeakyReLU RReLU GELU GLU ReLU6 PReLU SiLU Mish Hardswish Hardtanh Hardshrink Softshrink Tanhshrink "
    "Softsign Softplus Threshold"
)

ACTIVATION: Mapping[str, Activation] = MappingProxyType(
    {
        "torch.softmax": _S,
        "torch.special.softmax": _S,
        "torch.nn.functional.softmax": _S,
        "torch.nn.functional.softmin": _S,
        "torch.nn.functional.gumbel_softmax": _S,
        "torch.sparse.softmax": _S,
        "torch.Tensor.softmax": _S,
        "torch.nn.Softmax": _S,
        "torch.nn.Softmax2d": _S,
        "torch.nn.Softmin": _S,
        "torch.log_softmax": _LS,
        "torch.special.log_softmax": _LS,
        "torch.nn.functional.log_softmax": _LS,
        "torch.sparse.log_softmax": _LS,
        "torch.Tensor.log_softmax": _LS,
        "torch.nn.LogSoftmax": _LS,
        "torch.sigmoid": _SG,
        "torch.sigmoid_": _SG,
        "torch.special.expit": _SG,
        "torch.nn.functional.sigmoid": _SG,
        "torch.Tensor.sigmoid": _SG,
        "torch.Tensor.sigmoid_": _SG,
        "torch.nn.Sigmoid": _SG,
        "torch.nn.functional.logsigmoid": _LSG,
        "torch.nn.LogSigmoid": _LSG,
        "torch.nn.functional.hardsigmoid": Activation.HARD_SIGMOID,
        "torch.nn.Hardsigmoid": Activation.HARD_SIGMOID,
        "torch.tanh": Activation.TANH,
        "torch.nn.functional.tanh": Activation.TANH,
        "torch.Tensor.tanh": Activation.TANH,
        "torch.Tensor.tanh_": Activation.TANH,
        "torch.nn.Tanh": Activation.TANH,
        "torch.relu": Activation.RELU,
        "torch.relu_": Activation.RELU,
        "torch.nn.functional.relu": Activation.RELU,
        "torch.nn.functional.relu_": Activation.RELU,
        "torch.Tensor.relu": Activation.RELU,
        "torch.Tensor.relu_": Activation.RELU,
        "torch.nn.ReLU": Activation.RELU,
        **{f"torch.nn.functional.{name}": Activation.OTHER for name in _OTHER_FUNCTIONS.split()},
        **{f"torch.nn.{name}": Activation.OTHER for name in _OTHER_LAYERS.split()},
    }
)
"""Dotted name → activation. Source: torch/nn/functional.py, torch/nn/modules/activation.py, torch/special/__init__.py (2.13).

softmin is a softmax of the negated scores; gumbel_softmax is stochastic and so normalised too. A method on a tensor is
looked up as `torch.Tensor.<name>`.
"""


def activation(dotted: str) -> Activation | None:
    """The activation that a canonical dotted name computes, or None where it is not one."""
    return ACTIVATION.get(dotted)


def logarithm(kind: Activation) -> Activation | None:
    """What `torch.log` makes of a result: softmax → log_softmax, sigmoid → log_sigmoid; None otherwise."""
    return {_S: _LS, _SG: _LSG}.get(kind)
