"""What torch functions and tensor methods do to values and gradients. Methods are looked up as `torch.Tensor.<name>`."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from reglint.knowledge.activations import Activation, activation
from reglint.knowledge.signature import Signature


class CallKind(enum.StrEnum):
    """What the result of a call is, as far as losses and gradients are concerned."""

    SAME = "same"  # the same values: another shape, device or layout
    ELEMENTWISE = "elementwise"  # new values of the same shape, differentiable
    ACTIVATION = "activation"  # elementwise, listed in reglint.knowledge.activations
    REDUCTION = "reduction"  # fewer values: sum, mean, norm
    COMBINE = "combine"  # several tensors into one: cat, stack
    PRODUCT = "product"  # matrix products
    DETACH = "detach"  # the same values, no gradient
    NO_GRADIENT = "no_gradient"  # new values without gradient: argmax, comparisons
    RANDOM = "random"
    CONSTANT = "constant"  # torch.tensor(x) among them: it copies, and so detaches
    LAYER = "layer"  # functional form of a layer: linear, conv2d, batch_norm


@dataclass(frozen=True, slots=True)
class FunctionFact:
    """A torch function or tensor method. `reduces` is sum, mean, norm … for a REDUCTION; `inplace`: changes its first argument."""

    name: str
    kind: CallKind
    reduces: str = ""
    inplace: bool = False
    activation: Activation | None = None


_SAME_METHODS = (
    "view view_as reshape_as expand expand_as repeat contiguous to cuda cpu type type_as float double half bfloat16 requires_grad_ "
    "retain_grad unfold pin_memory share_memory_ as_strided is_contiguous mT T squeeze_ unsqueeze_ t_ transpose_"
)
_SAME_BOTH = (
    "reshape flatten unflatten squeeze unsqueeze permute transpose t swapaxes swapdims movedim moveaxis ravel flip roll clone narrow "
    "select index_select gather take masked_select diagonal tile repeat_interleave split chunk unbind broadcast_to sort topk"
)
_SAME_FUNCTIONS = "as_tensor asarray unique atleast_1d atleast_2d atleast_3d view_as_real view_as_complex"
_ELEMENTWISE_BOTH = (
    "abs neg exp expm1 log log2 log10 log1p sqrt rsqrt square pow sin cos tan asin acos atan sinh cosh erf erfc reciprocal clamp add sub "
    "mul div addcmul addcdiv lerp where maximum minimum fmod remainder cumsum cumprod logaddexp masked_fill nan_to_num sigmoid tanh "
    "softmax log_softmax relu tril triu diff index_add scatter scatter_add atan2 logcumsumexp logit xlogy frac hypot float_power "
    "renorm diag diag_embed"
)
_INPLACE_METHODS = (
    "add_ sub_ mul_ div_ pow_ exp_ log_ sqrt_ square_ neg_ abs_ clamp_ clamp_min_ clamp_max_ addcmul_ addcdiv_ lerp_ copy_ masked_fill_ "
    "sigmoid_ tanh_ relu_ index_add_ index_copy_ index_fill_ scatter_ scatter_add_ round_ floor_ ceil_ renorm_"
)
_FILL_METHODS = "zero_ fill_ uniform_ normal_ bernoulli_ exponential_ random_ log_normal_ cauchy_ geometric_"
_REDUCTIONS_BOTH: Mapping[str, str] = MappingProxyType(
    {
        "sum": "sum",
        "nansum": "sum",
        "mean": "mean",
        "nanmean": "mean",
        "norm": "norm",
        "prod": "other",
        "std": "other",
        "var": "other",
        "max": "other",
        "min": "other",
        "amax": "other",
        "amin": "other",
        "median": "other",
        "logsumexp": "other",
        "dist": "other",
        "dot": "other",
        "trace": "other",
    }
)
_REDUCTIONS_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "torch.linalg.norm": "norm",
        "torch.linalg.vector_norm": "norm",
        "torch.linalg.matrix_norm": "norm",
        "torch.var_mean": "other",
        "torch.std_mean": "other",
        "torch.linalg.det": "other",
        "torch.nn.functional.cosine_similarity": "other",
        "torch.nn.functional.pairwise_distance": "other",
    }
)
_COMBINE = "cat stack hstack vstack dstack column_stack broadcast_tensors meshgrid cartesian_prod"
_PRODUCT_BOTH = "matmul mm bmm mv addmm baddbmm ger inner kron"
_PRODUCT_FUNCTIONS = "einsum chain_matmul tensordot cdist outer"
_DETACH_METHODS = "detach detach_ item numpy tolist data new_tensor"
_NO_GRADIENT_BOTH = (
    "argmax argmin argsort nonzero eq ne gt lt ge le isnan isinf isfinite logical_and logical_or logical_not logical_xor sign round floor "
    "ceil trunc bincount histc count_nonzero allclose equal isclose all any numel is_floating_point"
)
_NO_GRADIENT_FUNCTIONS = "bucketize searchsorted"
_NO_GRADIENT_METHODS = "long int short byte bool char size dim nelement ndimension element_size get_device is_cuda shape ndim"
_RANDOM_FUNCTIONS = "rand randn randint randperm rand_like randn_like randint_like normal bernoulli multinomial poisson"
_CONSTANT_FUNCTIONS = (
    "tensor from_numpy zeros ones full empty arange linspace logspace eye zeros_like ones_like full_like empty_like "
    "scalar_tensor frombuffer tril_indices triu_indices empty_strided hann_window"
)
_CONSTANT_METHODS = "new_zeros new_ones new_full new_empty"
_LAYER_FUNCTIONS = (
    "linear bilinear embedding embedding_bag conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d max_pool1d max_pool2d "
    "max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
    "adaptive_max_pool2d adaptive_max_pool3d lp_pool1d lp_pool2d batch_norm instance_norm layer_norm rms_norm group_norm "
    "local_response_norm interpolate upsample grid_sample affine_grid pad unfold fold multi_head_attention_forward "
    "scaled_dot_product_attention"
)
_SAME_FUNCTIONAL = "pixel_shuffle pixel_unshuffle channel_shuffle"


@cache
def functions() -> Mapping[str, FunctionFact]:
    """Dotted name → what the call does. Source: torch/functional.py, torch/_tensor.py, torch/nn/functional.py (2.13)."""
    table: dict[str, FunctionFact] = {}

    def add(names: str, prefixes: tuple[str, ...], kind: CallKind, *, inplace: bool = False) -> None:
        for name in names.split():
            for prefix in prefixes:
                dotted = f"{prefix}.{name}"
                found = activation(dotted)
                table[dotted] = FunctionFact(dotted, CallKind.ACTIVATION if found else kind, inplace=inplace, activation=found)

    torch, method, functional = ("torch",), ("torch.Tensor",), ("torch.nn.functional",)
    both = torch + method
    add(_SAME_METHODS, method, CallKind.SAME)
    add(_SAME_BOTH, both, CallKind.SAME)
    add(_SAME_FUNCTIONS, torch, CallKind.SAME)
    add(_SAME_FUNCTIONAL, functional, CallKind.SAME)
    add(_ELEMENTWISE_BOTH, both, CallKind.ELEMENTWISE)
    add("normalize", functional, CallKind.ELEMENTWISE)
    add("one_hot", functional, CallKind.NO_GRADIENT)
    add(_INPLACE_METHODS, method, CallKind.ELEMENTWISE, inplace=True)
    add(_FILL_METHODS, method, CallKind.RANDOM, inplace=True)
    add("zero_ fill_", method, CallKind.CONSTANT, inplace=True)
    add(_COMBINE, torch, CallKind.COMBINE)
    add(_PRODUCT_BOTH, both, CallKind.PRODUCT)
    add(_PRODUCT_FUNCTIONS, torch, CallKind.PRODUCT)
    add(_DETACH_METHODS, method, CallKind.DETACH)
    add("detach autograd.Variable", torch, CallKind.DETACH)
    add(_NO_GRADIENT_BOTH, both, CallKind.NO_GRADIENT)
    add(_NO_GRADIENT_FUNCTIONS, torch, CallKind.NO_GRADIENT)
    add(_NO_GRADIENT_METHODS, method, CallKind.NO_GRADIENT)
    add(_RANDOM_FUNCTIONS, torch, CallKind.RANDOM)
    add(_CONSTANT_FUNCTIONS, torch, CallKind.CONSTANT)
    add(_CONSTANT_METHODS, method, CallKind.CONSTANT)
    add(_LAYER_FUNCTIONS, functional, CallKind.LAYER)
    for name, reduces in _REDUCTIONS_BOTH.items():
        for prefix in both:
            table[f"{prefix}.{name}"] = FunctionFact(f"{prefix}.{name}", CallKind.REDUCTION, reduces)
    for name, reduces in _REDUCTIONS_FUNCTIONS.items():
        table[name] = FunctionFact(name, CallKind.REDUCTION, reduces)
    total = "torch.nn.utils.get_total_norm"  # runs under no_grad
    table[total] = FunctionFact(total, CallKind.NO_GRADIENT, "norm")
    for name in activated():
        table.setdefault(name, FunctionFact(name, CallKind.ACTIVATION, inplace=name.endswith("_"), activation=activation(name)))
    return MappingProxyType(table)


def activated() -> tuple[str, ...]:
    """The functions and methods (not the layers) among the activations."""
    from reglint.knowledge.activations import ACTIVATION

    return tuple(n for n in ACTIVATION if not n.rpartition(".")[2][:1].isupper())


def function(dotted: str) -> FunctionFact | None:
    """What the function or method with this canonical name does, or None where it is not listed."""
    return functions().get(dotted)


def method(name: str) -> FunctionFact | None:
    """What the tensor method `name` does; attributes such as `data` and `T` count."""
    return functions().get(f"torch.Tensor.{name}")


@dataclass(frozen=True, slots=True)
class NormFact:
    """A vector norm: its order is the option `order`, whose `default` of 2 (also spelled 'fro' or None) means Σw² under a root.

    `signature` of a method starts after the tensor. Given `dim`, the result is not one number.
    """

    name: str
    order: str
    signature: Signature


EUCLIDEAN: frozenset[object] = frozenset({2, "fro", None})
"""Values of the order that mean the euclidean norm over all entries, where no `dim` is given.

Source: torch/functional.py norm, torch/linalg/__init__.py norm and vector_norm (2.13).
"""

NORMS: Mapping[str, NormFact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            NormFact("torch.norm", "p", Signature("input, p='fro', dim=None, keepdim=False, out=None, dtype=None")),
            NormFact("torch.Tensor.norm", "p", Signature("p='fro', dim=None, keepdim=False, dtype=None")),
            NormFact("torch.linalg.norm", "ord", Signature("A, ord=None, dim=None, keepdim=False, *, out=None, dtype=None")),
            NormFact("torch.linalg.vector_norm", "ord", Signature("x, ord=2, dim=None, keepdim=False, *, dtype=None, out=None")),
        )
    }
)
"""Source: torch/functional.py norm, torch/_tensor.py Tensor.norm, torch/linalg/__init__.py (2.13). A matrix order of 2 given to
`torch.linalg.norm` on a matrix is the spectral norm, so only its default is euclidean there."""


@dataclass(frozen=True, slots=True)
class GradientFact:
    """A function that makes or edits gradients. `role`: clip_norm, clip_value, backward or grad; `limit` is the threshold's option."""

    name: str
    role: str
    signature: Signature
    limit: str = ""
    retired: bool = False


_CLIP_NORM = Signature("parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None")

GRADIENTS: Mapping[str, GradientFact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            GradientFact("torch.nn.utils.clip_grad_norm_", "clip_norm", _CLIP_NORM, "max_norm"),
            GradientFact("torch.nn.utils.clip_grad_norm", "clip_norm", _CLIP_NORM, "max_norm", retired=True),
            GradientFact("torch.nn.utils.clip_grad_value_", "clip_value", Signature("parameters, clip_value, foreach=None"), "clip_value"),
            GradientFact(
                "torch.nn.utils.clip_grads_with_norm_", "clip_norm", Signature("parameters, max_norm, total_norm, foreach=None"), "max_norm"
            ),
            GradientFact(
                "torch.autograd.grad",
                "grad",
                Signature(
                    "outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None, "
                    "is_grads_batched=False, materialize_grads=False"
                ),
            ),
            GradientFact(
                "torch.autograd.backward",
                "backward",
                Signature("tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None"),
            ),
            GradientFact(
                "torch.Tensor.backward", "backward", Signature("gradient=None, retain_graph=None, create_graph=False, inputs=None")
            ),
        )
    }
)
"""Source: torch/nn/utils/clip_grad.py, torch/autograd/__init__.py, torch/_tensor.py (2.13). A method's signature omits the tensor."""


def gradient_function(dotted: str) -> GradientFact | None:
    """The gradient function with this canonical name, or None."""
    return GRADIENTS.get(dotted)


CONSTRUCTORS: Mapping[str, Signature] = MappingProxyType(
    {
        "torch.utils.data.DataLoader": Signature(
            "dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None, pin_memory=False, "
            "drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None, generator=None, *, prefetch_factor=None, "
            "persistent_workers=False, pin_memory_device='', in_order=True"
        ),
        "torch.utils.data.DistributedSampler": Signature("dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False"),
        "torch.amp.GradScaler": Signature(
            "device='cuda', init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True"
        ),
        "torch.cuda.amp.GradScaler": Signature(
            "init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True"
        ),
        "torch.optim.swa_utils.AveragedModel": Signature("model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False"),
        "torch.nn.DataParallel": Signature("module, device_ids=None, output_device=None, dim=0"),
    }
)
"""Parameters of other classes that a training step is made of. Source: torch/utils/data, torch/amp, torch/optim/swa_utils.py (2.13)."""

MODEL_WRAPPERS: Mapping[str, str] = MappingProxyType(
    {
        "torch.nn.DataParallel": "module",
        "torch.nn.parallel.DistributedDataParallel": "module",
        "torch.optim.swa_utils.AveragedModel": "module",
        "torch.compile": "_orig_mod",
        "torch.distributed.fsdp.FullyShardedDataParallel": "module",
        "apex.parallel.DistributedDataParallel": "module",
    }
)
"""Callables that take a model first and give one that computes the same → the attribute that holds the original.

AveragedModel holds a deep copy. Source: torch/nn/parallel, torch/optim/swa_utils.py, torch/_dynamo/eval_frame.py (2.13).
"""
