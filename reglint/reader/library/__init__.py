"""What library names mean: handlers by canonical name, filled in by the modules of this package."""

from __future__ import annotations

from reglint.knowledge import layers as layer_facts
from reglint.knowledge import losses as loss_facts
from reglint.knowledge import optimizers as optimizer_facts
from reglint.knowledge.factories import factory
from reglint.knowledge.retired import retired
from reglint.knowledge.schedulers import SCHEDULER_BASES
from reglint.knowledge.schedulers import scheduler as scheduler_fact
from reglint.reader import attributes
from reglint.reader.domain import NONE, Arguments, External, Function, Obj
from reglint.reader.library.registry import HANDLERS, Handler
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import LibraryCall
from reglint.step.values import Const, Expr, Unknown, Value

LOSS_CLASSES = frozenset(name for name in loss_facts.LOSSES if name.startswith("torch.nn.") and not name.startswith("torch.nn.functional."))
# Libraries whose functions keep their hands off models and optimizers.
HARMLESS = (
    "torch.",
    "numpy.",
    "builtins.",
    "os.",
    "sys.",
    "time.",
    "math.",
    "random.",
    "json.",
    "logging.",
    "torchvision.",
    "matplotlib.",
    "tqdm.",
    "copy.",
    "collections.",
    "functools.",
    "itertools.",
    "sklearn.",
    "pandas.",
    "wandb.",
    "tensorboardX.",
    "re.",
    "scipy.",
    "torchsummary.",
    "torchinfo.",
    "thop.",
    "pprint.",
    "warnings.",
    "datetime.",
    "pathlib.",
    "shutil.",
    "typing.",
    "argparse.",
)


def call(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Call a library function or class by its canonical name."""
    if retired(name) is not None:
        m.emit(LibraryCall, place, name=name, positional=args.positional, keywords=args.keywords, result=NONE, extra=args.extra)
    handler = _find(name)
    if handler is not None:
        return handler(m, name, args, place)
    if name.endswith(".__init__") and args.positional and isinstance(args.positional[0], Obj):
        construct_base(m, args.positional[0], Arguments(args.positional[1:], args.keywords, args.extra), place)
        return NONE
    if name.startswith("torch.nn.Module.") and args.positional and isinstance(first := m.resolve(args.positional[0]), Obj):
        from reglint.reader import methods

        rest = Arguments(args.positional[1:], args.keywords, args.extra)
        return methods.of_object(m, first, name.rpartition(".")[2], rest, place)  # `nn.Module.eval(model)`
    if not name.startswith(HARMLESS):
        from reglint.reader import calls

        calls.escape(m, args, place)
    if name.startswith(("torch.", "numpy.")):
        return Expr(name.rpartition(".")[2], args.positional, args.keywords, place, name)
    return Expr("call", args.positional, args.keywords, place, name)


def _find(name: str) -> Handler | None:
    handler = HANDLERS.get(name)
    if handler is not None:
        return handler
    if layer_facts.layer(name) is not None:
        return torch_nn.build_layer
    if name.startswith("torch.nn.init."):
        return torch_nn.initialise
    known_loss = loss_facts.loss(name)
    if known_loss is not None:
        return losses.build if name in LOSS_CLASSES else losses.function
    if optimizer_facts.optimizer(name) is not None:
        return torch_optim.build
    head, _, last = name.rpartition(".")
    if head == "torch.optim.lr_scheduler" and last[:1].isupper():
        return torch_optim.scheduler
    if head == "torch.optim" and last[:1].isupper():
        return torch_optim.build
    if factory(name) is not None:
        return torch_nn.build_model
    return None


def call_instance(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    """Call an instance of a library class: a loss is computed, anything else is kept as an expression."""
    if obj.library in LOSS_CLASSES:
        return losses.apply(m, obj, args, place)
    if obj.library == "torch.nn.utils.clip":
        return NONE
    from reglint.reader import calls

    if obj.library in ("torch.no_grad", "torch.inference_mode", "torch.enable_grad") and args.positional:
        wrapped = args.positional[0]
        if isinstance(wrapped, Function):
            wrapped.decorators = (*wrapped.decorators, obj)
        return wrapped
    calls.escape(m, args, place)
    return Expr("call", args.positional, args.keywords, place, obj.library)


def construct_base(m: Machine, obj: Obj, args: Arguments, place: Place) -> None:
    """`super().__init__(...)` of a library class, or the constructor of a subclass that defines none."""
    obj.state["initialised"] = True
    if layer_facts.layer(obj.library) is not None:
        torch_nn.fill_layer(m, obj, args, place)
    elif obj.library in LOSS_CLASSES:
        losses.fill(m, obj, args, place)
    elif optimizer_facts.optimizer(obj.library) is not None and obj.cls is not None:
        if attributes.of_class(m, obj.cls, "step", None) is None:  # with a step() of its own it may do anything
            torch_optim.fill(m, obj, args, place)
    elif obj.library in SCHEDULER_BASES or scheduler_fact(obj.library) is not None:
        torch_optim.fill_scheduler(m, obj, args)


def enter(m: Machine, manager: Value, place: Place) -> Value:
    """Enter a `with` block; returns what `as` binds."""
    return contexts.enter(m, manager, place)


def decorated(m: Machine, function: Function, place: Place) -> Value:
    """What a decorated function definition binds. Decorators that are not known are taken to keep its meaning."""
    return options.decorated(m, function, place)


def unknown(reason: str) -> Unknown:
    """An unknown value with a reason."""
    return Unknown(reason)


from reglint.reader.library import (  # noqa: E402  # the handlers need the functions above
    accelerate,
    apex,
    contexts,
    losses,
    options,
    python,
    tensors,
    torch_data,
    torch_nn,
    torch_optim,
)

__all__ = [
    "External", "accelerate", "apex", "call", "call_instance", "construct_base", "contexts", "decorated", "enter", "python", "tensors",
    "torch_data", "Const",
]  # fmt: skip
