"""Context managers: gradient modes, autocast, generators used as managers."""

from __future__ import annotations

from reglint.reader import attributes, calls, modules
from reglint.reader.domain import Arguments, Bound, Function, Iteration, Obj
from reglint.reader.library.registry import handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Const, Expr, Unknown, Value


@handles("torch.no_grad", "torch.inference_mode", "torch.enable_grad", "torch.set_grad_enabled", "torch.autograd.set_grad_enabled")
def gradient_mode(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Gradient modes: used as a manager, a decorator, or (set_grad_enabled) as a plain call that acts at once."""
    if args.positional and isinstance(args.positional[0], Function) and "set" not in name:
        function = args.positional[0]
        function.decorators = (*function.decorators, Obj(None, name, {}, place))
        return function
    obj = Obj(None, name, {}, place, dict(args.keywords))
    if "set_grad_enabled" in name:
        flag = args.positional[0] if args.positional else args.keywords.get("mode", Unknown("no mode"))
        truth = m.truth(flag)
        obj.state["grad"] = truth
        m.grad = truth
    elif name == "torch.inference_mode" and args.positional:
        truth = m.truth(args.positional[0])
        obj.state["grad"] = None if truth is None else not truth
    else:
        obj.state["grad"] = name == "torch.enable_grad"
    return obj


def enter(m: Machine, manager: Value, place: Place) -> Value:
    """The effect of entering a manager; returns what `as` binds. The caller restores the gradient mode."""
    if isinstance(manager, Obj):
        if "grad" in manager.state:
            m.grad = manager.state["grad"]
            return manager
        if manager.cls is not None:
            method = attributes.of_class(m, manager.cls, "__enter__", manager)
            if isinstance(method, Bound):
                return calls.call(m, method, Arguments((), {}), place)
        return manager
    if isinstance(manager, Iteration):
        # A generator function as a manager: what it does before the yield may be undone after it, so modes are unknown.
        for obj in m.modules:
            if obj.state.get("training") is not None:
                modules.forget_mode(m, obj)
        return manager.element
    if isinstance(manager, Expr) and manager.name in ("torch.no_grad", "torch.inference_mode"):
        m.grad = False
    if isinstance(manager, Const):
        return manager
    return manager if isinstance(manager, Expr) else Unknown("what a context manager gives")
