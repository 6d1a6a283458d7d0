"""Losses of torch: defaults in order, reductions, the legacy flags, and what scale each loss expects its input on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from reglint.knowledge.activations import Scale
from reglint.knowledge.signature import Signature

MeanOver = Literal["elements", "samples"]
_FLAGS = "size_average=None, reduce=None, reduction='mean'"
_CLASSES = "class index or probabilities"
_HUBER = "reduction='mean', delta=1.0"
_WEIGHTED = f"weight=None, {_FLAGS}"
_INDEXED = "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'"


@dataclass(frozen=True, slots=True)
class LossFact:
    """A loss class or loss function of torch.

    `name` and `twin` are dotted: a class and the function that does the same ("" where there is none). `expects` is the
    scale of the input. `inputs` counts the leading tensor arguments of a function (0 for a
    class). `mean_over`: what reduction='mean' divides by; KLDivLoss divides by all elements, hence its `batchmean`.
    """

    name: str
    twin: str
    signature: Signature
    expects: Scale
    target: str
    inputs: int
    mean_over: MeanOver
    reductions: tuple[str, ...]
    deprecated_for: str
    source: str

    @property
    def is_class(self) -> bool:
        """A class that is built first and called later, as against a function."""
        return self.inputs == 0

    @property
    def legacy(self) -> bool:
        """Does it take the retired `size_average` and `reduce`?"""
        return "size_average" in self.signature

    @property
    def default_reduction(self) -> str:
        """The reduction where none is given."""
        return str(self.signature.default("reduction"))


_ROWS: tuple[tuple[str, str, str, str, int, Scale, str, MeanOver], ...] = (
    # class, its parameters, function, the function's parameters ("" = as the class's), inputs, expects, target, mean over
    ("L1Loss", _FLAGS, "l1_loss", f"{_FLAGS}, weight=None", 2, Scale.ANY, "values", "elements"),
    ("MSELoss", _FLAGS, "mse_loss", f"{_FLAGS}, weight=None", 2, Scale.ANY, "values", "elements"),
    ("SmoothL1Loss", f"{_FLAGS}, beta=1.0", "smooth_l1_loss", "", 2, Scale.ANY, "values", "elements"),
    (
        "HuberLoss",
        "reduction='mean', delta=1.0",
        "huber_loss",
        "reduction='mean', delta=1.0, weight=None",
        2,
        Scale.ANY,
        "values",
        "elements",
    ),
    (
        "CrossEntropyLoss",
        f"{_INDEXED}, label_smoothing=0.0",
        "cross_entropy",
        "",
        2,
        Scale.LOGITS,
        _CLASSES,
        "samples",
    ),
    ("NLLLoss", _INDEXED, "nll_loss", "", 2, Scale.LOG_PROBABILITIES, "class index", "samples"),
    ("NLLLoss2d", _INDEXED, "", "", 2, Scale.LOG_PROBABILITIES, "class index", "samples"),
    ("BCELoss", _WEIGHTED, "binary_cross_entropy", "", 2, Scale.PROBABILITIES, "probabilities", "elements"),
    (
        "BCEWithLogitsLoss",
        f"{_WEIGHTED}, pos_weight=None",
        "binary_cross_entropy_with_logits",
        "",
        2,
        Scale.LOGITS,
        "probabilities",
        "elements",
    ),
    (
        "KLDivLoss",
        f"{_FLAGS}, log_target=False",
        "kl_div",
        "",
        2,
        Scale.LOG_PROBABILITIES,
        "probabilities or logs",
        "elements",
    ),
    (
        "PoissonNLLLoss",
        "log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean'",
        "poisson_nll_loss",
        "",
        2,
        Scale.ANY,
        "counts",
        "elements",
    ),
    ("GaussianNLLLoss", "*, full=False, eps=1e-06, reduction='mean'", "gaussian_nll_loss", "", 3, Scale.ANY, "values", "elements"),
    ("CTCLoss", "blank=0, reduction='mean', zero_infinity=False", "ctc_loss", "", 4, Scale.LOG_PROBABILITIES, "class index", "samples"),
    ("HingeEmbeddingLoss", f"margin=1.0, {_FLAGS}", "hinge_embedding_loss", "", 2, Scale.ANY, "±1", "elements"),
    ("MarginRankingLoss", f"margin=0.0, {_FLAGS}", "margin_ranking_loss", f"margin=0, {_FLAGS}", 3, Scale.ANY, "±1", "elements"),
    ("CosineEmbeddingLoss", f"margin=0.0, {_FLAGS}", "cosine_embedding_loss", f"margin=0, {_FLAGS}", 3, Scale.ANY, "±1", "samples"),
    ("SoftMarginLoss", _FLAGS, "soft_margin_loss", "", 2, Scale.LOGITS, "±1", "elements"),
    ("MultiLabelMarginLoss", _FLAGS, "multilabel_margin_loss", "", 2, Scale.ANY, "class index", "samples"),
    ("MultiLabelSoftMarginLoss", _WEIGHTED, "multilabel_soft_margin_loss", "", 2, Scale.LOGITS, "0 or 1", "samples"),
    ("MultiMarginLoss", f"p=1, margin=1.0, {_WEIGHTED}", "multi_margin_loss", "", 2, Scale.ANY, "class index", "samples"),
    (
        "TripletMarginLoss",
        f"margin=1.0, p=2.0, eps=1e-06, swap=False, {_FLAGS}",
        "triplet_margin_loss",
        "",
        3,
        Scale.ANY,
        "none",
        "samples",
    ),
    (
        "TripletMarginWithDistanceLoss",
        "*, distance_function=None, margin=1.0, swap=False, reduction='mean'",
        "triplet_margin_with_distance_loss",
        "",
        3,
        Scale.ANY,
        "none",
        "samples",
    ),
    (
        "LinearCrossEntropyLoss",
        "in_features, num_classes, *, out_features=(), bias=False, device=None, dtype=None, reduction='mean', weight=None, "
        "ignore_index=None, label_smoothing=0.0, options=None",
        "linear_cross_entropy",
        "*, linear_bias=None, weight=None, reduction='mean', ignore_index=None, label_smoothing=0.0, options=None",
        3,
        Scale.ANY,
        _CLASSES,
        "samples",
    ),
)

_INPUTS: Mapping[str, str] = MappingProxyType(
    {
        "gaussian_nll_loss": "input, target, var, full=False, eps=1e-06, reduction='mean'",
        "ctc_loss": "log_probs, targets, input_lengths, target_lengths, ",
        "margin_ranking_loss": "input1, input2, target, ",
        "cosine_embedding_loss": "input1, input2, target, ",
        "triplet_margin_loss": "anchor, positive, negative, ",
        "triplet_margin_with_distance_loss": "anchor, positive, negative, ",
        "linear_cross_entropy": "input, linear_weight, target, ",
    }
)


def _facts() -> Mapping[str, LossFact]:
    table: dict[str, LossFact] = {}
    for cls, options, function, spelled, inputs, expects, target, mean_over in _ROWS:
        leading = _INPUTS.get(function, "input, target, ")
        text = leading if not leading.endswith(", ") else leading + (spelled or options)
        batch = cls == "KLDivLoss"
        reductions = ("none", "batchmean", "sum", "mean") if batch else ("none", "mean", "sum")
        class_name, function_name = f"torch.nn.{cls}", f"torch.nn.functional.{function}" if function else ""
        instead = "torch.nn.NLLLoss" if cls == "NLLLoss2d" else ""
        where = f"torch/nn/modules/loss.py {cls} (2.13)"
        table[class_name] = LossFact(
            class_name, function_name, Signature(options), expects, target, 0, mean_over, reductions, instead, where
        )
        if function:
            table[function_name] = LossFact(
                function_name,
                class_name,
                Signature(text),
                expects,
                target,
                inputs,
                mean_over,
                reductions,
                "",
                f"torch/nn/functional.py {function} (2.13)",
            )
    return MappingProxyType(table)


LOSSES = _facts()
"""Dotted name → loss. Source: torch/nn/modules/loss.py and torch/nn/functional.py (2.13)."""

REDUCTIONS = frozenset({"none", "mean", "sum", "batchmean"})
"""The values of `reduction`. Source: torch/nn/_reduction.py get_enum, torch/nn/functional.py kl_div (2.13)."""

LEGACY_REDUCTION: Mapping[str, str] = MappingProxyType({"elementwise_mean": "mean"})
"""Retired values of `reduction`. Source: torch/nn/_reduction.py get_enum (2.13)."""

REFUSES_LEGACY_WORDS = frozenset(
    f"torch.nn.{name}"
    for name in ("PoissonNLLLoss", "functional.poisson_nll_loss", "MultiLabelSoftMarginLoss", "functional.multilabel_soft_margin_loss")
)
"""Losses that compare `reduction` themselves and raise ValueError for a retired value. Source: torch/nn/functional.py (2.13)."""


def loss(dotted: str) -> LossFact | None:
    """The loss with this canonical dotted name, class or function; None where torch has none."""
    return LOSSES.get(dotted)


def reduction_of(size_average: bool | None, reduce: bool | None) -> Literal["mean", "sum", "none"]:
    """The reduction that the legacy flags stand for; None counts as True. Source: torch/nn/_reduction.py legacy_get_string (2.13)."""
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"
