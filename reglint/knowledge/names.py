"""One spelling for each dotted name, and what a star import brings in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

EXACT: Mapping[str, str] = MappingProxyType(
    {
        "torch.autograd.variable.Variable": "torch.autograd.Variable",
        "torch.nn.parameter.Parameter": "torch.nn.Parameter",
        "torch.nn.parameter.Buffer": "torch.nn.Buffer",
        "torch.nn.parameter.UninitializedParameter": "torch.nn.UninitializedParameter",
        "torch.nn.parameter.UninitializedBuffer": "torch.nn.UninitializedBuffer",
        "torch.optim.lr_scheduler._LRScheduler": "torch.optim.lr_scheduler.LRScheduler",
        "torch._tensor.Tensor": "torch.Tensor",
        "torch.tensor.Tensor": "torch.Tensor",
        "torch.autocast": "torch.amp.autocast",
        "torch.amp.autocast_mode.autocast": "torch.amp.autocast",
        "torch.amp.grad_scaler.GradScaler": "torch.amp.GradScaler",
        "torch.cuda.amp.autocast_mode.autocast": "torch.cuda.amp.autocast",
        "torch.cuda.amp.autocast_mode.custom_fwd": "torch.cuda.amp.custom_fwd",
        "torch.cuda.amp.autocast_mode.custom_bwd": "torch.cuda.amp.custom_bwd",
        "torch.cuda.amp.grad_scaler.GradScaler": "torch.cuda.amp.GradScaler",
        "torch.nn.parallel.DataParallel": "torch.nn.DataParallel",
        "torch.nn.parallel.data_parallel.DataParallel": "torch.nn.DataParallel",
        "torch.nn.parallel.distributed.DistributedDataParallel": "torch.nn.parallel.DistributedDataParallel",
        "torch.utils.data.distributed.DistributedSampler": "torch.utils.data.DistributedSampler",
        "torch.utils.data.dataset.random_split": "torch.utils.data.random_split",
        "torch.utils.data.dataloader.default_collate": "torch.utils.data.default_collate",
        "torch.nn.utils.spectral_norm.spectral_norm": "torch.nn.utils.spectral_norm",
        "torch.nn.utils.spectral_norm.remove_spectral_norm": "torch.nn.utils.remove_spectral_norm",
        "torch.nn.utils.weight_norm.weight_norm": "torch.nn.utils.weight_norm",
        "torch.nn.utils.weight_norm.remove_weight_norm": "torch.nn.utils.remove_weight_norm",
        "torch.nn.utils.convert_parameters.parameters_to_vector": "torch.nn.utils.parameters_to_vector",
        "torch.nn.utils.convert_parameters.vector_to_parameters": "torch.nn.utils.vector_to_parameters",
        "torch.functional.norm": "torch.norm",
        "torch.functional.einsum": "torch.einsum",
        "torch.arccos": "torch.acos",
        "torch.arctan": "torch.atan",
        "torch.multiply": "torch.mul",
        "torch.divide": "torch.div",
        "torch.true_divide": "torch.div",
        "torch.subtract": "torch.sub",
        "torch.absolute": "torch.abs",
        "torch.negative": "torch.neg",
        "torch.concat": "torch.cat",
        "torch.concatenate": "torch.cat",
        "torch.greater": "torch.gt",
        "torch.clip": "torch.clamp",
        "torch.Tensor.multiply": "torch.Tensor.mul",
        "torch.Tensor.divide": "torch.Tensor.div",
        "torch.Tensor.true_divide": "torch.Tensor.div",
        "torch.Tensor.subtract": "torch.Tensor.sub",
        "torch.Tensor.absolute": "torch.Tensor.abs",
        "torch.Tensor.negative": "torch.Tensor.neg",
        "torch.Tensor.clip": "torch.Tensor.clamp",
        "timm.models.create_model": "timm.create_model",
        "timm.models.factory.create_model": "timm.create_model",
        "timm.models._factory.create_model": "timm.create_model",
        "timm.optim.optim_factory.create_optimizer": "timm.optim.create_optimizer",
        "timm.optim._optim_factory.create_optimizer_v2": "timm.optim.create_optimizer_v2",
        "timm.optim.optim_factory.create_optimizer_v2": "timm.optim.create_optimizer_v2",
        "timm.optim.optim_factory.add_weight_decay": "timm.optim.param_groups_weight_decay",
        "timm.optim.optim_factory.param_groups_weight_decay": "timm.optim.param_groups_weight_decay",
        **{f"timm.optim.{n}": f"torch.optim.{n}" for n in ("SGD", "Adam", "Adamax", "Adagrad", "Adadelta", "RMSprop")},
        "torch.distributed.optim.zero_redundancy_optimizer.ZeroRedundancyOptimizer": "torch.distributed.optim.ZeroRedundancyOptimizer",
        "deepspeed.runtime.engine.DeepSpeedEngine": "deepspeed.DeepSpeedEngine",
        "fairscale.optim.oss.OSS": "fairscale.optim.OSS",
        "lion_pytorch.lion_pytorch.Lion": "lion_pytorch.Lion",
        "efficientnet_pytorch.model.EfficientNet": "efficientnet_pytorch.EfficientNet",
    }
)
"""Alternative spelling → canonical one, where no general rule gives it. Aliases of functions are the same object in torch 2.13."""

PREFIXES: tuple[tuple[str, str], ...] = (
    ("torch.functional.F", "torch.nn.functional"),
    ("torch.optim._multi_tensor", "torch.optim"),
    ("torch.nn.utils.clip_grad", "torch.nn.utils"),
    ("torch.autograd.grad_mode", "torch"),
    ("torch.nn.modules.activation.F", "torch.nn.functional"),
    ("torch.nn.modules.loss.F", "torch.nn.functional"),
    ("torch.nn.modules.transformer.F", "torch.nn.functional"),
    ("torch.nn.modules.container.F", "torch.nn.functional"),
    ("pytorch_lightning", "lightning"),
    ("lightning.pytorch", "lightning"),
    ("lightning_fabric", "lightning.fabric"),
    ("lightning_lite", "lightning.fabric"),
    ("pytorch_transformers", "transformers"),
)
"""Package or module prefixes that mean another; applied before everything else."""

_GRAD_MODES = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode")

COLLAPSED: tuple[tuple[str, str], ...] = (
    ("torch.nn.modules", "torch.nn"),
    ("torch.optim.lr_scheduler", ""),
    ("torch.optim.swa_utils", ""),
    ("torch.optim", "torch.optim"),
    ("torch.utils.data.datapipes", ""),
    ("torch.utils.data._utils", ""),
    ("torch.utils.data", "torch.utils.data"),
    ("transformers.optimization", "transformers"),
    ("transformers", "transformers"),
    ("timm.optim", "timm.optim"),
    ("apex.optimizers", "apex.optimizers"),
    ("bitsandbytes.optim", "bitsandbytes.optim"),
    ("torch_optimizer", "torch_optimizer"),
    ("pytorch_pretrained_bert", "pytorch_pretrained_bert"),
    ("deepspeed.ops.adam", "deepspeed.ops.adam"),
    ("deepspeed.ops.lamb", "deepspeed.ops.lamb"),
    ("accelerate", "accelerate"),
    ("lightning.core", "lightning"),
    ("lightning.trainer", "lightning"),
    ("lightning.fabric", "lightning"),
    ("ignite.engine", "ignite.engine"),
    ("fastai.learner", "fastai"),
)
"""Roots below which lower-case modules between the root and a class are dropped: `root.a.b.Class.m` → `target.Class.m`.

An empty target keeps the name as it is. The longest root decides.
"""

_FUNCTIONS_COLLAPSED = ("transformers.optimization", "ignite.engine", "deepspeed.ops.adam")
_TORCHVISION_KEEP = ("segmentation", "detection", "video", "quantization", "optical_flow")


@cache
def canonical(dotted: str) -> str:
    """The one spelling of a dotted name: `torch.nn.modules.loss.CrossEntropyLoss` → `torch.nn.CrossEntropyLoss`.

    Works on prefixes too, so that `….Class.method` keeps its method. Unknown names come back as they are; idempotent.
    """
    for prefix, target in PREFIXES:
        if dotted.startswith(prefix + ".") or (dotted == prefix and not prefix.startswith("torch.")):
            if prefix == "torch.nn.utils.clip_grad" and not dotted.rpartition(".")[2].startswith(("clip_", "get_total_norm")):
                continue
            dotted = target + dotted[len(prefix) :]
    if dotted in EXACT:
        return EXACT[dotted]
    head, _, last = dotted.rpartition(".")
    if head == "torch.autograd" and last in _GRAD_MODES:
        return f"torch.{last}"
    if head in EXACT:  # a method of an aliased class
        return f"{EXACT[head]}.{last}"
    if dotted.startswith("torchvision.models."):
        return _torchvision(dotted)
    return _collapse(dotted)


def _collapse(dotted: str) -> str:
    roots = [pair for pair in COLLAPSED if dotted.startswith(pair[0] + ".")]
    if not roots:
        return dotted
    root, target = max(roots, key=lambda pair: len(pair[0]))
    if not target:
        return dotted
    parts = dotted[len(root) + 1 :].split(".")
    for index, part in enumerate(parts):
        if part[:1].isupper():
            return ".".join([target, *parts[index:]])
    return f"{target}.{parts[-1]}" if root in _FUNCTIONS_COLLAPSED else dotted


def _torchvision(dotted: str) -> str:
    parts = dotted.split(".")[2:]
    kept = [parts.pop(0)] if parts[0] in _TORCHVISION_KEEP else []
    if len(parts) >= 2 and not parts[0][:1].isupper():
        parts = parts[1:]  # the module that defines the builder
    return ".".join(["torchvision.models", *kept, *parts])


_STAR: Mapping[str, str] = MappingProxyType(
    {
        "torch": (
            "Tensor Generator tensor as_tensor from_numpy zeros ones full empty rand randn randint randperm arange linspace eye "
            "zeros_like ones_like full_like rand_like randn_like cat stack concat split chunk sum mean norm abs pow square sqrt exp log "
            "log2 log10 log1p sin cos tanh sigmoid softmax log_softmax relu dropout argmax argmin max min maximum minimum matmul mm bmm "
            "mul div add sub neg dot einsum flatten reshape squeeze unsqueeze transpose permute where clamp clip no_grad enable_grad "
            "inference_mode manual_seed save load device dtype float float32 float64 float16 bfloat16 int long int64 "
            "double half compile autocast bernoulli multinomial normal logsumexp var std prod cumsum topk sort eq ne gt lt ge le "
            "is_tensor numel isnan isinf isfinite nan_to_num"
        ),
        "torch.nn.init": (
            "calculate_gain uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ xavier_normal_ "
            "kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_"
        ),
        "torch.nn.utils": (
            "clip_grad_norm clip_grad_norm_ clip_grad_value_ clip_grads_with_norm_ get_total_norm parameters_to_vector "
            "vector_to_parameters weight_norm remove_weight_norm spectral_norm remove_spectral_norm skip_init parametrizations parametrize "
            "rnn stateless"
        ),
        "torch.optim.lr_scheduler": (
            "LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR ExponentialLR SequentialLR CosineAnnealingLR "
            "ChainedScheduler ReduceLROnPlateau CyclicLR CosineAnnealingWarmRestarts OneCycleLR PolynomialLR LRScheduler"
        ),
        "torch.autograd": (
            "Variable Function backward grad grad_mode detect_anomaly set_detect_anomaly enable_grad no_grad inference_mode "
            "set_grad_enabled gradcheck gradgradcheck"
        ),
        "torch.utils.data": (
            "BatchSampler ChainDataset ConcatDataset DataLoader Dataset DistributedSampler IterableDataset RandomSampler Sampler "
            "SequentialSampler StackDataset Subset SubsetRandomSampler TensorDataset WeightedRandomSampler default_collate random_split "
            "get_worker_info"
        ),
    }
)
"""Module → names that `from module import *` binds, those that matter. Source: `__all__` of each module (2.13)."""

_FUNCTIONAL = (
    "dropout alpha_dropout dropout1d dropout2d dropout3d feature_alpha_dropout relu relu_ leaky_relu elu selu gelu silu mish "
    "softmax log_softmax softmin gumbel_softmax logsigmoid sigmoid tanh hardsigmoid hardtanh hardswish relu6 celu glu prelu rrelu softplus "
    "softsign threshold linear bilinear embedding embedding_bag conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d "
    "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d batch_norm instance_norm layer_norm rms_norm group_norm normalize pad "
    "interpolate upsample grid_sample affine_grid one_hot cosine_similarity pairwise_distance unfold fold pixel_shuffle "
    "scaled_dot_product_attention multi_head_attention_forward"
)


@cache
def star_exports(module: str) -> frozenset[str]:
    """The names that `from module import *` binds, as far as they matter here; empty for a module not known."""
    from reglint.knowledge.layers import layers
    from reglint.knowledge.losses import LOSSES
    from reglint.knowledge.optimizers import TORCH_OPTIMIZERS

    def last(names: object, prefix: str) -> set[str]:
        assert isinstance(names, Mapping)
        return {n.rpartition(".")[2] for n in names if n.startswith(prefix) and n.count(".") == prefix.count(".")}

    if module == "torch.nn":
        extra = {"Parameter", "Buffer", "DataParallel", "functional", "init", "utils", "modules", "parallel", "parameter"}
        return frozenset(last(layers(), "torch.nn.") | last(LOSSES, "torch.nn.") | extra)
    if module == "torch.nn.functional":
        return frozenset(last(LOSSES, "torch.nn.functional.") | set(_FUNCTIONAL.split()))
    if module == "torch.optim":
        return frozenset(last(TORCH_OPTIMIZERS, "torch.optim.") | {"Optimizer", "lr_scheduler", "swa_utils"})
    return frozenset(_STAR.get(module, "").split())
