"""The tables of reglint.knowledge say what the installed torch says."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import warnings
from typing import Any

import pytest

from reglint.knowledge.activations import ACTIVATION, Activation, Scale, activation
from reglint.knowledge.calls import (
    CONSTRUCTORS,
    EUCLIDEAN,
    GRADIENTS,
    NORMS,
    CallKind,
    function,
    functions,
    gradient_function,
    method,
)
from reglint.knowledge.dropouts import DROPOUTS, dropout_function
from reglint.knowledge.factories import FACTORIES, factory
from reglint.knowledge.frameworks import FRAMEWORKS, framework
from reglint.knowledge.layers import ModeDependence, ParamRole, layer, layers
from reglint.knowledge.losses import LEGACY_REDUCTION, LOSSES, REDUCTIONS, REFUSES_LEGACY_WORDS, loss, reduction_of
from reglint.knowledge.names import EXACT, canonical, star_exports
from reglint.knowledge.optimizers import TORCH_OPTIMIZERS, DecayKind, closest_option, optimizer, optimizers
from reglint.knowledge.recurrent import (
    adaptive_softmax_parameters,
    attention_parameters,
    recurrent_parameters,
    stacked_parameters,
    transformer_parameters,
)
from reglint.knowledge.retired import RETIRED, retired, retired_argument
from reglint.knowledge.schedulers import SCHEDULER_BASES, SCHEDULERS, Cadence, scheduler
from reglint.knowledge.signature import REQUIRED, Signature
from reglint.step import model

torch = pytest.importorskip("torch")


def found(dotted: str) -> Any:
    """The torch object with a dotted name."""
    parts = dotted.split(".")
    for split in range(len(parts) - 1, 0, -1):  # an attribute of a package goes before the module of the same name
        try:
            value: Any = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            value = getattr(value, part)
        return value
    if len(parts) == 1:
        return importlib.import_module(dotted)
    raise AttributeError(dotted)


def declared(function: Any, skip: int) -> list[tuple[str, object, bool]]:
    """(name, default, keyword-only) of the parameters of a callable, without the first `skip` and without variadic ones."""
    chosen = list(inspect.signature(function).parameters.values())[skip:]
    return [
        (p.name, REQUIRED if p.default is p.empty else getattr(p.default, "__name__", p.default), p.kind is p.KEYWORD_ONLY)
        for p in chosen
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]


def tabled(signature: Signature) -> list[tuple[str, object, bool]]:
    """The same for a signature of a table."""
    return [(a.name, a.default, a.position is None) for a in signature.arguments]


def test_signature_knows_positions_and_keyword_only() -> None:
    """A signature text gives positions, defaults and required parameters."""
    signature = Signature("a, b=1, *, c=(0.9, None)")
    assert [a.name for a in signature.arguments] == ["a", "b", "c"]
    assert (signature.position("b"), signature.position("c"), signature.position("d")) == (1, None, None)
    assert signature.default("a") is REQUIRED
    assert signature.default("c") == (0.9, None)
    at_one = signature.at(1)
    assert at_one is not None and at_one.name == "b"
    assert signature.at(2) is None
    assert "c" in signature and "d" not in signature


@pytest.mark.parametrize("name", sorted(TORCH_OPTIMIZERS))
def test_optimizer_signature(name: str) -> None:
    """Options, order and defaults of each optimizer are those of the installed torch."""
    assert tabled(TORCH_OPTIMIZERS[name].signature) == declared(found(name).__init__, 2)


def test_every_torch_optimizer_is_known() -> None:
    """No optimizer of torch.optim is missing and none is invented."""
    there = {f"torch.optim.{n}" for n, v in vars(torch.optim).items() if inspect.isclass(v) and issubclass(v, torch.optim.Optimizer)}
    assert set(TORCH_OPTIMIZERS) == there - {"torch.optim.Optimizer"}


def two_steps(name: str, **options: Any) -> float:
    """The weight 2.0 after two steps whose data gradient is zero, lr 0.1."""
    weight = torch.nn.Parameter(torch.full((2, 2), 2.0))
    built = found(name)([weight], lr=0.1, **options)
    for _ in range(2):
        weight.grad = torch.zeros_like(weight)
        built.step()
    return float(weight.detach()[0, 0])


@pytest.mark.parametrize("name", [n for n, f in sorted(TORCH_OPTIMIZERS.items()) if f.decay is not DecayKind.NONE])
def test_decay_kind_is_measured(name: str) -> None:
    """Without a data gradient, decoupled decay multiplies by exactly 1 - lr·λ whatever the moments do."""
    fact = TORCH_OPTIMIZERS[name]
    moments = {"momentum": 0.9} if fact.momentum == "momentum" else {}
    after = two_steps(name, weight_decay=0.5, **moments)
    shrunk = after == pytest.approx(2.0 * 0.95**2, rel=1e-6)
    if name == "torch.optim.ASGD":
        return  # plain gradient descent: the two kinds do the same
    assert shrunk == (fact.decay is DecayKind.DECOUPLED)


@pytest.mark.parametrize("name", [n for n, f in sorted(TORCH_OPTIMIZERS.items()) if f.switches])
def test_decoupled_switch_is_measured(name: str) -> None:
    """decoupled_weight_decay=True makes the decay decoupled, and the table says so."""
    fact = TORCH_OPTIMIZERS[name]
    assert fact.decay_with({}) is DecayKind.COUPLED
    assert fact.decay_with({"decoupled_weight_decay": True}) is DecayKind.DECOUPLED
    assert two_steps(name, weight_decay=0.5, decoupled_weight_decay=True) == pytest.approx(2.0 * 0.95**2, rel=1e-6)


def test_default_decay() -> None:
    """Only AdamW and Muon decay by default; optimizers without the option say None."""
    nonzero = {n: f.default_decay for n, f in TORCH_OPTIMIZERS.items() if f.default_decay}
    assert nonzero == {"torch.optim.AdamW": 0.01, "torch.optim.Muon": 0.1}
    assert {n for n, f in TORCH_OPTIMIZERS.items() if f.default_decay is None} == {
        n for n, f in TORCH_OPTIMIZERS.items() if f.decay is DecayKind.NONE
    }


def test_optimizers_are_canonical() -> None:
    """Every key is its own canonical name and equals the name of its fact."""
    for name, fact in optimizers().items():
        assert canonical(name) == name == fact.name
        assert fact.source
    assert optimizer("torch.optim.Nothing") is None


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("weight_dacay", "weight_decay"),
        ("learning_rate", "lr"),
        ("wd", "weight_decay"),
        ("weigth_decay", "weight_decay"),
        ("momentun", "momentum"),
    ],
)
def test_misspelt_keys_are_found(key: str, meant: str) -> None:
    """Near misses and known aliases point at the option that was meant."""
    assert closest_option(key) == meant


@pytest.mark.parametrize(
    "key", ["initial_lr", "lr_scale", "name", "layer_id", "lr_mult", "params", "weight_decay", "lr", "betas", "foo", "max_lr"]
)
def test_deliberate_keys_are_left_alone(key: str) -> None:
    """Real options, keys of schedulers and unrelated names are no misspellings."""
    assert closest_option(key) is None


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_loss_signature(name: str) -> None:
    """Parameters, order and defaults of each loss are those of the installed torch."""
    fact = LOSSES[name]
    assert tabled(fact.signature) == declared(found(name).__init__ if fact.is_class else found(name), 1 if fact.is_class else 0)
    assert fact.default_reduction == "mean"
    assert set(fact.reductions) <= REDUCTIONS
    if fact.twin and loss(fact.twin) is not None:
        assert LOSSES[fact.twin].twin == name


def test_every_loss_is_known() -> None:
    """No loss class of torch.nn and no function with a reduction is missing."""
    assert layer("torch.nn.AdaptiveLogSoftmaxWithLoss") is not None  # returns (output, loss) and has parameters: a layer
    classes = {n for n in torch.nn.modules.__all__ if n.endswith(("Loss", "Loss2d")) and n != "AdaptiveLogSoftmaxWithLoss"}
    assert {f.name for f in LOSSES.values() if f.is_class} == {f"torch.nn.{n}" for n in classes}
    for name, value in vars(torch.nn.functional).items():
        if inspect.isfunction(value) and not name.startswith("_") and "reduction" in inspect.signature(value).parameters:
            assert loss(f"torch.nn.functional.{name}") is not None, name


def test_inputs_of_functions_come_first() -> None:
    """The counted tensor inputs of a loss function are its required leading parameters."""
    for fact in LOSSES.values():
        if not fact.is_class:
            assert all(a.required for a in fact.signature.arguments[: fact.inputs])
            assert not any(a.required for a in fact.signature.arguments[fact.inputs :])


@pytest.mark.parametrize("reduce", [None, True, False])
@pytest.mark.parametrize("size_average", [None, True, False])
def test_legacy_reduction(size_average: bool | None, reduce: bool | None) -> None:
    """The legacy flags map as torch maps them."""
    from torch.nn import _reduction

    assert reduction_of(size_average, reduce) == _reduction.legacy_get_string(size_average, reduce, emit_warning=False)


@pytest.mark.parametrize("name", sorted(name for name, fact in LOSSES.items() if fact.legacy and not fact.is_class))
def test_legacy_words(name: str) -> None:
    """A retired word is refused by the losses listed, and stands for what is listed in all others."""
    fact = LOSSES[name]
    index = fact.target == "class index"
    tensors = [torch.rand(4, 3) for _ in range(fact.inputs)]
    if name.endswith("cosine_embedding_loss"):
        tensors[-1] = torch.ones(4)
    elif index:
        tensors[-1] = torch.zeros(4, 3).long() if name.endswith("multilabel_margin_loss") else torch.zeros(4).long()
    for word, means in LEGACY_REDUCTION.items():
        assert (fact.name in REFUSES_LEGACY_WORDS) == (fact.twin in REFUSES_LEGACY_WORDS)
        if fact.name in REFUSES_LEGACY_WORDS:
            with pytest.raises(ValueError, match=word):
                found(name)(*tensors, reduction=word)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert torch.equal(found(name)(*tensors, reduction=word), found(name)(*tensors, reduction=means))


@pytest.mark.parametrize("name", sorted(layers()))
def test_layer_signature(name: str) -> None:
    """Constructor parameters of each layer are those of the installed torch."""
    expected = declared(found(name).__init__, 1)
    if name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN"):
        expected = declared(torch.nn.RNNBase.__init__, 2)
        if name == "torch.nn.RNN":
            expected.insert(3, ("nonlinearity", "tanh", False))
    assert tabled(layers()[name].signature) == expected


def test_every_layer_is_known() -> None:
    """Every exported class of torch.nn is a layer or a loss, except bases nobody builds."""
    left_out = {"Container", "RNNBase", "RNNCellBase", "LinearCrossEntropyOptions"}
    for name in set(torch.nn.modules.__all__) - left_out:
        assert layer(f"torch.nn.{name}") or loss(f"torch.nn.{name}"), name


LITERALS: dict[str, object] = {
    "in_features": 4, "out_features": 4, "in1_features": 4, "in2_features": 4, "in_channels": 4, "out_channels": 4, "kernel_size": 1,
    "num_features": 4, "num_groups": 2, "num_channels": 4, "normalized_shape": 4, "num_embeddings": 4, "embedding_dim": 4,
    "input_size": 4, "hidden_size": 4, "embed_dim": 4, "num_heads": 2, "d_model": 4, "nhead": 2,
}  # fmt: skip
SWITCHES = ("bias", "affine", "elementwise_affine", "add_bias_kv")


def built(name: str, **options: object) -> Any:
    """An instance of a layer with small sizes."""
    signature = layers()[name].signature
    return found(name)(**{a.name: LITERALS[a.name] for a in signature.arguments if a.required}, **options)


WITH_PARAMETERS = sorted(n for n, f in layers().items() if f.parameters and "Lazy" not in n)


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_layer_parameters(name: str) -> None:
    """Names, order and ranks of the parameters, for each on-off option of the constructor."""
    fact = layers()[name]
    settings: list[dict[str, object]] = [{}]
    for option in SWITCHES:
        if option in fact.signature:
            settings += [{**s, option: value} for s in settings for value in (True, False)]
    for options in settings:
        actual = [(n, p.ndim) for n, p in built(name, **options).named_parameters()]
        assert [(p.name, p.ndim) for p in fact.parameters_with(options)] == actual, options


@pytest.mark.parametrize("name", sorted(n for n, f in layers().items() if f.complete and not f.parameters))
def test_layers_without_parameters(name: str) -> None:
    """A complete layer without parameters registers none when built."""
    fact = layers()[name]
    sizes = {"normalized_shape": 4, "output_ratio": 0.5, "unflattened_size": (2, 2), "value": 0.5, "threshold": 0.1}
    required = {a.name: sizes.get(a.name, 2) for a in fact.signature.arguments if a.required}
    extra = {"output_ratio": 0.5} if "Fractional" in name else {}
    assert list(found(name)(**required, **extra).parameters()) == []


def test_lazy_layers_have_the_parameters_of_their_twins() -> None:
    """A lazy layer knows the same parameters as the layer it becomes."""
    for name, fact in layers().items():
        if "Lazy" in name:
            assert fact.parameters == layers()[name.replace("Lazy", "")].parameters


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_recurrent_parameters(kind: str, num_layers: int, bidirectional: bool, bias: bool) -> None:
    """Recurrent layers: names and order for every combination, projections for the LSTM."""
    for proj_size in (0, 2) if kind == "LSTM" else (0,):
        options = {"num_layers": num_layers, "bidirectional": bidirectional, "bias": bias, "proj_size": proj_size}
        module = found(f"torch.nn.{kind}")(3, 4, **({k: v for k, v in options.items() if kind == "LSTM" or k != "proj_size"}))
        facts = recurrent_parameters(kind, num_layers, bidirectional, bias, proj_size)
        assert [(p.name, p.ndim) for p in facts] == [(n, p.ndim) for n, p in module.named_parameters()]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("bias", [True, False])
def test_composed_parameters(bias: bool) -> None:
    """Attention, stacks, transformers and the adaptive softmax."""
    nn = torch.nn
    pairs = [
        (attention_parameters(bias=bias), nn.MultiheadAttention(4, 2, bias=bias)),
        (
            attention_parameters(same_dims=False, bias=bias, add_bias_kv=True),
            nn.MultiheadAttention(4, 2, kdim=3, bias=bias, add_bias_kv=True),
        ),
        (transformer_parameters(2, 1, bias), nn.Transformer(4, 2, 2, 1, 8, bias=bias, batch_first=True)),
        (adaptive_softmax_parameters(2, bias), nn.AdaptiveLogSoftmaxWithLoss(16, 10, [3, 5], head_bias=bias)),
    ]
    block = layer("torch.nn.TransformerEncoderLayer")
    assert block is not None
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, bias=bias, batch_first=True), 3)
    pairs.append((stacked_parameters(block.parameters_with({"bias": bias}), 3), encoder))
    for facts, module in pairs:
        assert [(p.name, p.ndim) for p in facts] == [(n, p.ndim) for n, p in module.named_parameters()]


def test_mode_dependence_of_layers() -> None:
    """Dropout layers know their rate, normalisations their condition."""
    dropout, attention = layer("torch.nn.Dropout"), layer("torch.nn.MultiheadAttention")
    assert dropout is not None and attention is not None
    assert (dropout.mode, dropout.rate, dropout.rate_position, dropout.default_rate) == (ModeDependence.DROPOUT, "p", 0, 0.5)
    assert (attention.rate, attention.rate_position, attention.default_rate) == ("dropout", 2, 0.0)
    encoder, instance = layer("torch.nn.TransformerEncoderLayer"), layer("torch.nn.InstanceNorm2d")
    assert encoder is not None and encoder.default_rate == 0.1
    assert instance is not None and instance.mode_when == "track_running_stats"
    assert instance.signature.default("track_running_stats") is False
    with_mode = {n for n, f in layers().items() if f.mode is None and ("Dropout" in n or "BatchNorm" in n)}
    assert not with_mode


def test_mode_dependence_is_measured() -> None:
    """Batch statistics without tracking are the same in both modes, RReLU is not."""
    torch.manual_seed(0)
    x = torch.randn(8, 4)
    still = torch.nn.BatchNorm1d(4, track_running_stats=False)
    assert torch.equal(still(x), still.eval()(x))
    random = torch.nn.RReLU()
    assert not torch.equal(random(x), random.eval()(x))


def test_roles_and_kinds_are_those_of_the_step_model() -> None:
    """The enums spelled here have the values of the step model."""
    assert {r.value for r in ParamRole} <= {r.value for r in model.Role}
    assert {k.value for k in DecayKind} == {k.value for k in model.DecayKind}


@pytest.mark.parametrize("name", sorted(ACTIVATION))
def test_activation_exists(name: str) -> None:
    """Every activation named is there in torch."""
    assert callable(found(name))


def test_activation_scales_are_measured() -> None:
    """Softmax and sigmoid give probabilities, their logarithms log-probabilities."""
    x = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    for name, kind in ACTIVATION.items():
        if kind.scale is Scale.ANY or name.startswith(("torch.nn.S", "torch.nn.L", "torch.nn.H", "torch.sparse", "torch.Tensor")):
            continue
        function = found(name)
        y = function(x.clone(), dim=1) if "soft" in name else function(x.clone())
        y = y.exp() if kind.scale is Scale.LOG_PROBABILITIES else y
        assert bool(((y >= 0) & (y <= 1)).all()), name
        if kind.normalised:
            assert torch.allclose(y.sum(1), torch.ones(3)), name
    assert activation("torch.softmax") is Activation.SOFTMAX
    assert activation("torch.nn.Linear") is None


@pytest.mark.parametrize(
    "name", [n for n in sorted(EXACT) if n.startswith("torch.") and not n.startswith(("torch.tensor.", "torch.distributed."))]
)
def test_exact_aliases_are_the_same_object(name: str) -> None:
    """An alternative spelling and its canonical one are the same thing in torch."""
    try:
        original = found(name)
    except AttributeError:
        pytest.skip("retired spelling")
    target = found(EXACT[name])
    if "Tensor." in name or inspect.isbuiltin(original):
        x = torch.tensor([2.0])
        args = () if original.__name__ in ("absolute", "negative", "arccos", "arctan") else (x,)
        if original.__name__ in ("concat", "concatenate"):
            assert torch.equal(original([x]), target([x]))
        else:
            assert torch.equal(original(x, *args), target(x, *args)) or original.__name__ in ("arccos",)
    elif name.endswith("_LRScheduler"):
        assert issubclass(original, target)  # kept for old code
    else:
        assert original is target


def test_canonical_names_of_torch_classes() -> None:
    """The defining module of every exported class leads to the exported name, which is the same object."""
    for package in (torch.nn, torch.optim, torch.utils.data, torch.optim.lr_scheduler):
        for value in vars(package).values():
            if inspect.isclass(value) and value.__module__.startswith(package.__name__) and value.__name__[0].isupper():
                name = canonical(f"{value.__module__}.{value.__name__}")
                assert found(name) is value, name


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("torch.nn.modules.loss.CrossEntropyLoss", "torch.nn.CrossEntropyLoss"),
        ("torch.nn.modules.Linear", "torch.nn.Linear"),
        ("torch.nn.modules.loss._Loss", "torch.nn.modules.loss._Loss"),
        ("torch.optim.adamw.AdamW", "torch.optim.AdamW"),
        ("torch.optim._multi_tensor.Adam", "torch.optim.Adam"),
        ("torch.optim.lr_scheduler.StepLR", "torch.optim.lr_scheduler.StepLR"),
        ("torch.optim.lr_scheduler._LRScheduler", "torch.optim.lr_scheduler.LRScheduler"),
        ("torch.autograd.variable.Variable", "torch.autograd.Variable"),
        ("torch.functional.F.softmax", "torch.nn.functional.softmax"),
        ("torch.nn.utils.clip_grad.clip_grad_norm_", "torch.nn.utils.clip_grad_norm_"),
        ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_norm_"),
        ("torch.nn.utils.clip_grad_norm", "torch.nn.utils.clip_grad_norm"),
        ("torch.cuda.amp.grad_scaler.GradScaler", "torch.cuda.amp.GradScaler"),
        ("torch.autograd.no_grad", "torch.no_grad"),
        ("torch.autograd.grad_mode.no_grad", "torch.no_grad"),
        ("torch.autograd.grad", "torch.autograd.grad"),
        ("torch.nn.parallel.DataParallel", "torch.nn.DataParallel"),
        ("torch.utils.data.distributed.DistributedSampler", "torch.utils.data.DistributedSampler"),
        ("torch.utils.data.dataloader.DataLoader", "torch.utils.data.DataLoader"),
        ("pytorch_lightning", "lightning"),
        ("pytorch_lightning.LightningModule", "lightning.LightningModule"),
        ("lightning.pytorch.Trainer", "lightning.Trainer"),
        ("pytorch_lightning.core.lightning.LightningModule", "lightning.LightningModule"),
        ("lightning.fabric.Fabric", "lightning.Fabric"),
        ("transformers.optimization.AdamW", "transformers.AdamW"),
        ("transformers.optimization.get_linear_schedule_with_warmup", "transformers.get_linear_schedule_with_warmup"),
        ("transformers.models.bert.modeling_bert.BertModel.from_pretrained", "transformers.BertModel.from_pretrained"),
        ("transformers.AutoModel.from_pretrained", "transformers.AutoModel.from_pretrained"),
        ("torchvision.models.resnet.resnet18", "torchvision.models.resnet18"),
        ("torchvision.models.resnet18", "torchvision.models.resnet18"),
        ("torchvision.models.segmentation.deeplabv3.deeplabv3_resnet50", "torchvision.models.segmentation.deeplabv3_resnet50"),
        ("timm.models.factory.create_model", "timm.create_model"),
        ("apex.optimizers.fused_adam.FusedAdam", "apex.optimizers.FusedAdam"),
        ("mine.losses.CrossEntropyLoss", "mine.losses.CrossEntropyLoss"),
        ("torch", "torch"),
        ("x", "x"),
    ],
)
def test_canonical(spelled: str, name: str) -> None:
    """Alternative spellings come to one name, others stay."""
    assert canonical(spelled) == name
    assert canonical(name) == name


@pytest.mark.parametrize(
    "module",
    [
        "torch",
        "torch.nn",
        "torch.nn.functional",
        "torch.optim",
        "torch.optim.lr_scheduler",
        "torch.autograd",
        "torch.utils.data",
        "torch.nn.utils",
        "torch.nn.init",
    ],
)
def test_star_exports_are_exported(module: str) -> None:
    """Each name listed for a star import is one that the import binds."""
    there = found(module)
    exported = set(getattr(there, "__all__", [n for n in vars(there) if not n.startswith("_")]))
    assert star_exports(module)
    assert star_exports(module) <= exported
    assert star_exports("somewhere.else") == frozenset()


def parameters_of(function: Any) -> list[str] | None:
    """Names of the parameters, None for builtins without a signature."""
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:
        return None


@pytest.mark.parametrize("name", sorted(functions()))
def test_function_exists(name: str) -> None:
    """Every function and tensor method listed is there in torch."""
    found(name)


def test_moving_is_not_detaching() -> None:
    """cpu, cuda, float and to keep the gradient."""
    for name in ("cpu", "cuda", "float", "to", "contiguous", "clone", "view"):
        fact = method(name)
        assert fact is not None and fact.kind is CallKind.SAME


@pytest.mark.parametrize("name", ["sum", "mean", "norm"])
def test_reductions(name: str) -> None:
    """Reductions say what they do."""
    fact = function(f"torch.{name}")
    assert fact is not None and (fact.kind, fact.reduces) == (CallKind.REDUCTION, name)


def test_activations_are_functions() -> None:
    """softmax as a function or a method is an activation."""
    for name in ("torch.softmax", "torch.Tensor.softmax", "torch.nn.functional.log_softmax", "torch.Tensor.sigmoid_"):
        fact = function(name)
        assert fact is not None and fact.kind is CallKind.ACTIVATION and fact.activation is activation(name)


KEEPING = {CallKind.SAME, CallKind.ELEMENTWISE, CallKind.ACTIVATION, CallKind.REDUCTION, CallKind.PRODUCT, CallKind.COMBINE}
STEPWISE = {"sign", "round", "floor", "ceil", "trunc"}  # connected, with a gradient of zero


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", sorted(KEEPING | {CallKind.NO_GRADIENT, CallKind.DETACH}))
def test_gradient_of_kinds_is_measured(kind: CallKind) -> None:
    """Each call keeps or loses the gradient as its kind says, with whatever simple arguments it accepts."""
    tried = 0
    for name, fact in functions().items():
        if fact.kind is not kind or fact.inplace or name.rpartition(".")[2] in STEPWISE | {"where", "data", "new_tensor"}:
            continue
        x = torch.full((2, 2), 0.5, requires_grad=True) * 1.0
        y = torch.full((2, 2), 0.5, requires_grad=True) * 1.0
        for arguments in ((x,), (x, 0), (x, y), (x, 0, 1), (x, y, y), ([x, y],), (x[0], y[0])):
            try:
                value = found(name)(*arguments)
            except Exception:  # wants other arguments, another shape or a GPU
                continue
            value = value[0] if isinstance(value, tuple | list) else value
            if isinstance(value, torch.Tensor):
                tried += 1
                assert value.requires_grad is (kind in KEEPING), (name, arguments)
                break
    assert tried >= 4


def test_variable_and_data_detach() -> None:
    """The retired Variable returns a leaf, so that wrapping a loss in it cuts the graph."""
    y = torch.ones(1, requires_grad=True) * 2
    assert not torch.autograd.Variable(y).requires_grad
    assert torch.autograd.Variable(y, requires_grad=True).is_leaf
    assert not y.data.requires_grad and not isinstance(y.item(), torch.Tensor) and not isinstance(y.tolist(), torch.Tensor)
    fact = function("torch.autograd.Variable")
    assert fact is not None and fact.kind is CallKind.DETACH


def test_norms_are_measured() -> None:
    """The default order is the euclidean norm over everything."""
    x = torch.tensor([[3.0, 4.0], [0.0, 12.0]])
    for name, fact in NORMS.items():
        assert float(found(name)(x)) == pytest.approx(13.0), name
        assert fact.signature.default(fact.order) in EUCLIDEAN
        names = parameters_of(found(name))
        skip = 1 if "Tensor" in name else 0
        if names is not None:
            assert [a.name for a in fact.signature.arguments] == names[skip:]


@pytest.mark.parametrize("name", sorted(GRADIENTS))
def test_gradient_function_signature(name: str) -> None:
    """Clipping, grad and backward: parameters, order and defaults."""
    fact = GRADIENTS[name]
    assert tabled(fact.signature) == declared(found(name), 1 if "Tensor" in name else 0)
    assert not fact.limit or fact.limit in fact.signature
    assert gradient_function(name) is fact


@pytest.mark.parametrize("name", sorted(CONSTRUCTORS))
def test_constructor_signature(name: str) -> None:
    """Loaders, samplers, scalers and wrappers: parameters, order and defaults."""
    assert tabled(CONSTRUCTORS[name]) == declared(found(name).__init__, 1)


@pytest.mark.parametrize("name", [n for n in sorted(DROPOUTS) if n.startswith("torch.")])
def test_dropout_function(name: str) -> None:
    """Parameters of the dropout functions, and what a call with a rate alone does, are those of the installed torch."""
    fact = DROPOUTS[name]
    if parameters_of(found(name)) is not None:
        assert tabled(fact.signature) == declared(found(name), 0)
    else:
        operator = name.rpartition(".")[2]
        schemas = [[a.name for a in s.arguments] for s in torch._C._jit_get_schemas_for_operator(f"aten::{operator}")]
        assert any([a.name for a in fact.signature.arguments][3:] == s[3:] for s in schemas)
    if fact.gate and fact.default_gate is not None and fact.rate == "p":
        torch.manual_seed(0)
        shape = {"1d": (4, 8, 2), "2d": (2, 8, 2, 2), "3d": (2, 8, 2, 2, 2)}.get(name[-2:], (8, 8, 2))
        x = torch.ones(shape)
        assert torch.equal(found(name)(x, 0.5), x) is fact.never_on
        assert fact.always_on is not fact.never_on


def test_attention_functions_have_no_gate() -> None:
    """Attention drops whenever its rate is above 0; by default it is 0."""
    fact = dropout_function("torch.nn.functional.scaled_dot_product_attention")
    assert fact is not None and fact.always_on and fact.default_rate == 0.0 and fact.signature.position("dropout_p") == 4
    q = torch.ones(1, 1, 8, 4)
    torch.manual_seed(0)
    attend = torch.nn.functional.scaled_dot_product_attention
    assert not torch.allclose(attend(q, q, q, dropout_p=0.5), attend(q, q, q))
    assert dropout_function("torch.nn.functional.relu") is None


@pytest.mark.parametrize("name", [n for n in sorted(SCHEDULERS) if n.startswith("torch.")])
def test_scheduler_signature(name: str) -> None:
    """Parameters of each scheduler are those of the installed torch."""
    fact = SCHEDULERS[name]
    assert tabled(fact.signature) == declared(found(name).__init__, 2)
    assert all(option in fact.signature for option in fact.length)
    assert fact.metric is ("metrics" in (parameters_of(found(name).step) or []))


def test_every_scheduler_is_known() -> None:
    """No scheduler of torch is missing."""
    for name in torch.optim.lr_scheduler.__all__:
        dotted = f"torch.optim.lr_scheduler.{name}"
        assert scheduler(dotted) is not None or dotted in SCHEDULER_BASES
    one_cycle, plateau = (scheduler(f"torch.optim.lr_scheduler.{n}") for n in ("OneCycleLR", "ReduceLROnPlateau"))
    assert one_cycle is not None and one_cycle.cadence is Cadence.BATCH
    assert plateau is not None and plateau.cadence is Cadence.EPOCH


@pytest.mark.parametrize("name", sorted(RETIRED))
def test_retired_names(name: str) -> None:
    """A retired name still works unless the table says it is gone, and its replacement exists."""
    fact = RETIRED[name]
    assert retired(name) is fact
    if fact.gone:
        with pytest.raises(AttributeError):
            found(name)
    else:
        found(name)
    if "." in fact.instead:
        found(fact.instead)


def test_verbose_is_gone() -> None:
    """`verbose=` raises in the installed torch, as the table says."""
    fact = retired_argument("torch.optim.lr_scheduler.StepLR", "verbose")
    assert fact is not None and fact.gone
    with pytest.raises(TypeError):
        torch.optim.lr_scheduler.StepLR(torch.optim.SGD([torch.nn.Parameter(torch.ones(1))]), 1, verbose=True)
    assert retired_argument("torch.nn.Linear", "bias") is None


def test_replacements_said_to_be_the_same_are() -> None:
    """Where a replacement computes the same numbers, it does."""
    x = torch.tensor([0.3])
    assert torch.autograd.Variable(x) is not None and float(torch.nn.functional.sigmoid(x)) == float(torch.sigmoid(x))
    assert float(torch.nn.functional.tanh(x)) == float(torch.tanh(x))
    assert issubclass(torch.nn.NLLLoss2d, torch.nn.NLLLoss)


@pytest.mark.parametrize(
    ("name", "mode_dependent", "returns_eval"),
    [
        ("torchvision.models.resnet18", True, False),
        ("torchvision.models.vgg16", True, False),
        ("torchvision.models.vit_b_16", False, False),
        ("torchvision.models.detection.fasterrcnn_resnet50_fpn", True, False),
        ("timm.create_model", None, False),
        ("torch.hub.load", None, None),
        ("transformers.BertModel.from_pretrained", True, True),
        ("transformers.BertForSequenceClassification", True, False),
        ("transformers.AutoModelForCausalLM.from_pretrained", None, True),
        ("transformers.LlamaForCausalLM.from_config", False, False),
    ],
)
def test_factories(name: str, mode_dependent: bool | None, returns_eval: bool | None) -> None:
    """Builders of models say whether the model depends on the mode and in which mode it comes back."""
    fact = factory(name)
    assert fact is not None
    assert (fact.mode_dependent, fact.returns_eval) == (mode_dependent, returns_eval)
    assert canonical(name) == name


@pytest.mark.parametrize("name", ["transformers.BertTokenizer.from_pretrained", "transformers.TrainingArguments", "torch.nn.Linear", "x"])
def test_other_callables_are_no_factories(name: str) -> None:
    """Tokenizers, arguments and layers build no model."""
    assert factory(name) is None


def test_factories_are_canonical() -> None:
    """Every builder is listed under its canonical name."""
    for name in FACTORIES:
        assert canonical(name) == name


def test_frameworks() -> None:
    """Classes lead to their framework under canonical names."""
    for fact in FRAMEWORKS.values():
        for name in (*fact.bases, *fact.engines):
            assert canonical(name) == name
            assert framework(name) is fact
    module = framework(canonical("pytorch_lightning.LightningModule"))
    assert module is not None and module.sets_mode and "validation_step" in module.evaluation_hooks
    assert framework("torch.nn.Module") is None


def test_knowledge_does_not_import_torch() -> None:
    """No table needs torch to be read."""
    code = "import sys, pkgutil, importlib, reglint.knowledge as k\n"
    code += "[importlib.import_module('reglint.knowledge.' + m.name) for m in pkgutil.iter_modules(k.__path__)]\n"
    code += "from reglint.knowledge import layers, calls, names, optimizers\n"
    code += "layers.layers(), calls.functions(), optimizers.optimizers(), names.star_exports('torch.nn')\n"
    code += "assert 'torch' not in sys.modules and 'libcst' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).returncode == 0
