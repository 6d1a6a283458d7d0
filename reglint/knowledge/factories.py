"""Functions of other packages that build models: which mode-dependent layers the model has, and in which mode it comes back."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


class Output(enum.StrEnum):
    """What the model's forward returns."""

    LOGITS = "logits"
    LOGITS_AND_AUX = "logits_and_aux"  # in train(): a named tuple with auxiliary logits
    DICT = "dict"  # logits under "out"
    DETECTION = "detection"  # losses in train(), boxes in eval()
    OBJECT = "object"  # a ModelOutput with .loss and .logits or .last_hidden_state
    FEATURES = "features"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FactoryFact:
    """A callable that returns a model. None means: depends on arguments or configuration.

    `batchnorm`: has BatchNorm that tracks statistics. `dropout`: drops units with a rate above 0 by default.
    `stochastic_depth`: drops whole blocks. `norm`: has any normalisation with scale and shift. `returns_eval`: the model is
    already in eval() when it comes back. `model_at`: position in the returned tuple (None: the model itself).
    `heads`: what the last part of forward may be called, which is what users replace.
    """

    name: str
    batchnorm: bool | None
    dropout: bool | None
    output: Output
    source: str
    stochastic_depth: bool | None = False
    norm: bool | None = True
    returns_eval: bool | None = False
    model_at: int | None = None
    heads: tuple[str, ...] = ("fc", "classifier", "head", "_fc", "segmentation_head")

    @property
    def mode_dependent(self) -> bool | None:
        """Does the model compute something else in train() than in eval()? None where that is not known."""
        signs = (self.batchnorm, self.dropout, self.stochastic_depth, self.output in (Output.DETECTION, Output.LOGITS_AND_AUX))
        if any(signs):
            return True
        return None if None in signs else False


_LOGITS = Output.LOGITS
_Row = tuple[str, bool | None, bool | None, bool, bool, Output]

_TORCHVISION: tuple[_Row, ...] = (
    # builders, batchnorm, dropout, stochastic depth, norm, output
    ("alexnet squeezenet1_0 squeezenet1_1 vgg11 vgg13 vgg16 vgg19", False, True, False, False, _LOGITS),
    ("vgg11_bn vgg13_bn vgg16_bn vgg19_bn", True, True, False, True, _LOGITS),
    ("resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d", True, False, False, True, _LOGITS),
    ("wide_resnet50_2 wide_resnet101_2 densenet121 densenet161 densenet169 densenet201", True, False, False, True, _LOGITS),
    ("shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0", True, False, False, True, _LOGITS),
    (
        "regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf "
        "regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf",
        True,
        False,
        False,
        True,
        _LOGITS,
    ),
    ("googlenet inception_v3", True, True, False, True, Output.LOGITS_AND_AUX),
    ("mobilenet_v2 mobilenet_v3_small mobilenet_v3_large mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3", True, True, False, True, _LOGITS),
    (
        "efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 "
        "efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l",
        True,
        True,
        True,
        True,
        _LOGITS,
    ),
    ("vit_b_16 vit_b_32 vit_l_16 vit_l_32 vit_h_14", False, False, False, True, _LOGITS),
    ("swin_t swin_s swin_b swin_v2_t swin_v2_s swin_v2_b", False, False, True, True, _LOGITS),
    ("convnext_tiny convnext_small convnext_base convnext_large", False, False, True, True, _LOGITS),
    ("maxvit_t", True, False, True, True, _LOGITS),
    (
        "segmentation.fcn_resnet50 segmentation.fcn_resnet101 segmentation.deeplabv3_resnet50 segmentation.deeplabv3_resnet101 "
        "segmentation.deeplabv3_mobilenet_v3_large",
        True,
        True,
        False,
        True,
        Output.DICT,
    ),
    ("segmentation.lraspp_mobilenet_v3_large", True, False, False, True, Output.DICT),
    (
        "detection.fasterrcnn_resnet50_fpn detection.maskrcnn_resnet50_fpn detection.keypointrcnn_resnet50_fpn "
        "detection.retinanet_resnet50_fpn detection.fcos_resnet50_fpn detection.fasterrcnn_mobilenet_v3_large_fpn "
        "detection.fasterrcnn_mobilenet_v3_large_320_fpn",
        None,
        False,
        False,
        True,
        Output.DETECTION,
    ),
    ("detection.ssd300_vgg16", False, False, False, False, Output.DETECTION),
    (
        "detection.fasterrcnn_resnet50_fpn_v2 detection.maskrcnn_resnet50_fpn_v2 detection.retinanet_resnet50_fpn_v2 "
        "detection.ssdlite320_mobilenet_v3_large",
        True,
        False,
        False,
        True,
        Output.DETECTION,
    ),
    ("video.r3d_18 video.mc3_18 video.r2plus1d_18", True, False, False, True, _LOGITS),
    ("video.s3d", True, True, False, True, _LOGITS),
)  # fmt: skip
"""torchvision.models.<builder> (0.20). DenseNet's drop_rate and the ViTs' dropout default to 0; detection backbones get
FrozenBatchNorm2d when weights are given and BatchNorm2d otherwise, hence None."""

_CLASSIFIED = ("alexnet", "squeezenet", "vgg", "densenet", "mobilenet", "mnasnet", "efficientnet", "convnext", "maxvit", "video.s3d")
_LAST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "classifier": _CLASSIFIED,
        "fc": ("resnet", "resnext", "wide_resnet", "shufflenet", "regnet", "video.r", "video.mc3"),
        "head": ("swin",),
        "heads": ("vit",),
    }
)
"""The attribute that forward() calls last → how the names of the builders start. Source: torchvision/models (0.20)."""

_S = "segmentation_models_pytorch (0.3)"

OTHER_FACTORIES: tuple[FactoryFact, ...] = (
    FactoryFact("timm.create_model", None, None, Output.LOGITS, "timm/models/_factory.py (1.0)", None, None),
    FactoryFact("torch.hub.load", None, None, Output.UNKNOWN, "torch/hub.py (2.13)", None, None, None),
    FactoryFact("efficientnet_pytorch.EfficientNet.from_pretrained", True, True, _LOGITS, "efficientnet_pytorch/model.py (0.7)", True),
    FactoryFact("efficientnet_pytorch.EfficientNet.from_name", True, True, _LOGITS, "efficientnet_pytorch/model.py (0.7)", True),
    FactoryFact("facenet_pytorch.InceptionResnetV1", True, True, Output.FEATURES, "facenet_pytorch/models/inception_resnet_v1.py (2.5)"),
    FactoryFact("clip.load", None, False, Output.UNKNOWN, "openai/CLIP clip/clip.py load, build_model(...).eval()", False, True, True, 0),
    *(
        FactoryFact(f"segmentation_models_pytorch.{n}", None, None, Output.LOGITS, _S, None, None)
        for n in ("Unet", "UnetPlusPlus", "FPN", "PSPNet", "DeepLabV3", "DeepLabV3Plus", "Linknet", "MAnet", "PAN")
    ),
)

_DROPPING = (
    "Bert Roberta XLMRoberta DistilBert Electra Deberta DebertaV2 Camembert Longformer GPT2 Bart MBart T5 MT5 XLNet Wav2Vec2 OpenAIGPT "
    "Pegasus LayoutLM Hubert FNet BigBird"
)
_NOT_DROPPING = "Llama Mistral Mixtral Qwen2 Gemma ViT"

TRANSFORMERS_DROPOUT: Mapping[str, bool] = MappingProxyType(
    {**dict.fromkeys(_DROPPING.split(), True), **dict.fromkeys(_NOT_DROPPING.split(), False)}
)
"""Architecture → has a dropout rate above 0 by default (`hidden_dropout_prob`, `dropout_rate`, `resid_pdrop` …).

Source: transformers/models/*/configuration_*.py (4.46). Architectures not listed: not known.
"""

_HEADS = ("Model", "For", "LMHeadModel", "DoubleHeadsModel", "Encoder", "PreTrainedModel", "ForPreTraining")


_MEAN_HEADS = (
    "ForSequenceClassification", "ForTokenClassification", "ForMultipleChoice", "ForQuestionAnswering", "ForMaskedLM", "ForCausalLM",
    "LMHeadModel", "ForConditionalGeneration", "ForSeq2SeqLM", "ForImageClassification",
)  # fmt: skip
TARGETS = ("labels", "start_positions", "lm_labels", "masked_lm_labels")


def gives_mean_loss(dotted: str) -> bool:
    """Does a model of transformers give a loss averaged over the batch when it is called with labels?

    Source: transformers/models/*/modeling_*.py and loss/loss_utils.py (4.46): CrossEntropyLoss(), BCEWithLogitsLoss() and MSELoss()
    with their defaults. CTC heads sum by default, detection and pre-training heads add up several losses: not listed.
    """
    parts = dotted.split(".")
    return parts[0] == "transformers" and len(parts) in (2, 3) and parts[1].endswith(_MEAN_HEADS) and factory(dotted) is not None


def _torchvision() -> Mapping[str, FactoryFact]:
    table: dict[str, FactoryFact] = {}
    for builders, batchnorm, dropout, depth, norm, output in _TORCHVISION:
        for builder in builders.split():
            name = f"torchvision.models.{builder}"
            heads = tuple(head for head, starts in _LAST.items() if builder.startswith(starts))
            source = f"torchvision/models {builder} (0.20)"
            table[name] = FactoryFact(name, batchnorm, dropout, output, source, depth, norm, heads=heads)
    return MappingProxyType(table)


FACTORIES: Mapping[str, FactoryFact] = MappingProxyType({**_torchvision(), **{f.name: f for f in OTHER_FACTORIES}})
"""Canonical name → builder of models."""


def factory(dotted: str) -> FactoryFact | None:
    """The builder with this canonical name; classes of transformers are recognised by their architecture."""
    known = FACTORIES.get(dotted)
    if known is not None:
        return known
    parts = dotted.split(".")
    if parts[0] == "transformers" and len(parts) in (2, 3):
        return _transformers(dotted, parts)
    return None


def _transformers(dotted: str, parts: list[str]) -> FactoryFact | None:
    """`transformers.BertModel(config)`, `.from_config(config)` come back in train(), `.from_pretrained(name)` in eval()."""
    cls, maker = parts[1], parts[2] if len(parts) == 3 else ""
    if maker not in ("", "from_pretrained", "from_config", "_from_config"):
        return None
    architecture = next((cls[: cls.index(h)] for h in _HEADS if h in cls and cls.index(h) > 0), None)
    if architecture is None or cls.startswith("TF") or cls.startswith("Flax"):
        return None  # a tokenizer, a configuration, a trainer, or a model of another framework
    dropout = TRANSFORMERS_DROPOUT.get(architecture)
    fact = FactoryFact(dotted, None, dropout, Output.OBJECT, "transformers/modeling_utils.py from_pretrained: model.eval() (4.46)")
    if dropout is not None:
        fact = replace(fact, batchnorm=False)
    return replace(fact, returns_eval=maker == "from_pretrained")
