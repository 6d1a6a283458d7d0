"""Hugging Face accelerate: an Accelerator wraps model, optimizer and loaders, back-propagates and divides by the accumulation steps."""

from __future__ import annotations

from reglint.reader import calls
from reglint.reader.domain import Arguments, Obj, Tuple
from reglint.reader.library.registry import handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import Backward
from reglint.step.values import Const, Expr, Unknown, Value

NAME = "accelerate.Accelerator"


@handles(NAME)
def build(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """`Accelerator(gradient_accumulation_steps=1, ...)`; a plugin or unknown keywords may set the steps too."""
    obj = Obj(None, NAME, {}, place, dict(args.keywords))
    steps = args.keywords.get("gradient_accumulation_steps", Const(1))
    hidden = args.extra or "gradient_accumulation_plugin" in args.keywords
    obj.state["steps"] = Unknown("the accumulation steps of the accelerator") if hidden else steps
    return obj


def method(m: Machine, obj: Obj, name: str, args: Arguments, place: Place) -> Value:
    """What an Accelerator does. `prepare` gives back what it is given, in order. Source: accelerate/accelerator.py (1.1)."""
    match name:
        case "prepare":
            return args.positional[0] if len(args.positional) == 1 else Tuple(args.positional)
        case "prepare_model" | "prepare_optimizer" | "prepare_data_loader" | "prepare_scheduler" | "unwrap_model" if args.positional:
            return args.positional[0]
        case "gather" | "gather_for_metrics" | "reduce" | "pad_across_processes" if args.positional:
            return Expr(name, args.positional, args.keywords, place)
        case "backward" if args.positional:
            m.emit(Backward, place, loss=m.resolve(args.positional[0]), framework="accelerate", divisor=obj.state["steps"])
            return Const(None)
        case "clip_grad_norm_" | "clip_grad_value_":
            from reglint.reader.library.registry import HANDLERS

            return HANDLERS[f"torch.nn.utils.{name}"](m, f"accelerate.{name}", args, place)
        case "accumulate" | "autocast" | "no_sync" | "print" | "wait_for_everyone" | "log":
            return Unknown(f"{name} of an accelerator")
    calls.escape(m, args, place)
    return Expr("call", (obj, *args.positional), args.keywords, place, name)
