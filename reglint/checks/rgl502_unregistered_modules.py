"""RGL502: modules in a plain list, or a tensor that should be a parameter, which nn.Module does not see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level, Related
from reglint.reader.domain import Collection, Param, Params, Tuple
from reglint.source import Place
from reglint.step.trace import OptimizerBuilt, Trace, Unregistered
from reglint.step.values import Expr, Value, alternatives

# Kept out of state_dict() and train() on purpose.
HIDDEN = re.compile(
    r"(?<![a-z])(teacher|ema|momentum|target|frozen|pretrained|vgg|lpips|percep|reference|ref|shadow|backup|clip|oracle)", re.IGNORECASE
)


@rule("RGL502", "unregistered-modules", Level.ERROR, "modules or parameters that nn.Module does not see", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One finding per attribute, for what is used in forward() and handed to no optimizer."""
    optimizers = [e for e in trace.of(OptimizerBuilt) if isinstance(e, OptimizerBuilt)]
    optimized = {p.uid for e in optimizers for g in e.optimizer.groups for p in g.params.members or ()}
    given = [leaf for e in optimizers for leaf in _leaves(e.parameters)]  # those of groups under a condition, too
    optimized |= {uid for leaf in given for uid in _uids(leaf)}
    made = {leaf.place for leaf in given if isinstance(leaf, Expr)}
    seen: set[object] = set()
    for held in trace.of(Unregistered):
        assert isinstance(held, Unregistered)
        if held.place.span in seen or not held.called or HIDDEN.search(held.attribute):
            continue  # reported, used nowhere, or hidden on purpose
        if held.params & optimized or _is_one_hidden(held) or _has_its_own_optimizer(held, made) or _is_stepped_by_hand(held):
            continue  # trained all the same; `[module]` is the idiom for a reference that is not to be registered
        owner = (
            held.module.class_name,
            held.place.source.path,
            held.kinds[0] == "tensor",
            held.module.uid if held.kinds[0] == "tensor" else 0,
        )
        if owner in seen:
            continue  # another attribute of the same class is reported
        seen.update((held.place.span, owner))
        others = [
            e for e in trace.of(Unregistered) if isinstance(e, Unregistered) and e.module.uid == held.module.uid and e.place != held.place
        ]
        related = [Related(f"and {e.attribute}", e.place.span) for e in others[:5]]
        yield rule.finding(held.place.span, _message(held), related=related, help=_help(held))


def _is_one_hidden(held: Unregistered) -> bool:
    return held.kinds[0] not in ("tensor", "Parameter") and held.literal == 1


def _has_its_own_optimizer(held: Unregistered, made: set[Place | None]) -> bool:
    """Is a tensor given to an optimizer by itself, as a multiplier or a temperature of its own is? `made`: where those given were made."""
    here = {leaf.place for leaf in _leaves(held.value) if isinstance(leaf, Expr) and leaf.place is not None}
    return held.kinds[0] == "tensor" and not here.isdisjoint(made)


def _is_stepped_by_hand(held: Unregistered) -> bool:
    """Does the file itself change the tensor, from its gradient or by another method, as in `self.w -= lr * self.w.grad`?"""
    change = rf"\.{re.escape(held.attribute)}(?:\.data)?\s*[-+*]=|\.{re.escape(held.attribute)}(?:\.data)?\.(?:sub_|add_|copy_)\("
    return held.kinds[0] == "tensor" and re.search(change, held.place.source.text) is not None


def _leaves(value: Value) -> Iterator[Value]:
    """What a value may be, and what a list or dict of values holds."""
    for one in alternatives(value):
        if isinstance(one, (Collection, Tuple)):
            for item in one.items.values() if isinstance(one.items, dict) else one.items:
                yield from _leaves(item)
        else:
            yield one


def _uids(leaf: Value) -> Iterator[int]:
    if isinstance(leaf, Param):
        yield leaf.uid
    elif isinstance(leaf, Params):
        yield from (param.uid for _, param in leaf.members or ())


def _message(held: Unregistered) -> str:
    name = f"{held.module.class_name}.{held.attribute}"
    if held.kinds[0] == "tensor":
        return f"{name} is a plain tensor, no Parameter: parameters(), state_dict() and .to() pass it by"
    kinds = ", ".join(dict.fromkeys(held.kinds))
    return f"{name} holds {kinds} in a plain container: parameters(), .to() and train() pass them by"[:100]


def _help(held: Unregistered) -> str:
    if held.kinds[0] == "tensor":
        return "assign nn.Parameter(tensor), and move the module, not the parameter"
    return "use nn.ParameterList or nn.ParameterDict" if held.kinds[0] == "Parameter" else "use nn.ModuleList or nn.ModuleDict"
