"""RGL102: weight_decay reaches biases, norm parameters, embeddings, PReLU slopes or a learned scale."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.filters import miss
from reglint.checks.penalties import decaying_groups, shown, silently_inherits, source_of
from reglint.findings import Finding, Level
from reglint.step.model import DecayKind, Number, Parameter, ParamGroup, Role, StepModel
from reglint.step.trace import OptimizerBuilt, Trace

SPARED = (Role.NORM, Role.BIAS, Role.EMBEDDING, Role.PRELU, Role.SCALE)
NAMES = {Role.NORM: "norm", Role.BIAS: "bias", Role.EMBEDDING: "embedding", Role.PRELU: "PReLU", Role.SCALE: "scale"}
LAYER_NORMS = ("LayerNorm", "RMSNorm")
FELT = 1e-4  # what weight_decay usually is; far weaker ones leave a slope where it is
STRONG = 0.05  # decoupled, per step in units of the learning rate: the range of transformer recipes


@rule(
    "RGL102", "decay-on-bias-or-norm", Level.NOTE, "weight_decay reaches biases, norm parameters or embeddings", since="0.1.0", reads="both"
)
def check(rule: Rule, model: StepModel | Trace) -> Iterator[Finding]:
    """One finding per optimizer, for the group that decays most of them."""
    if isinstance(model, StepModel):
        yield from _in_step(rule, model)
        return
    asked_for = {built.optimizer.uid for built in _asked_for(model)}
    for step in model.steps:
        yield from _in_step(rule, step, step.optimizer.uid in asked_for)


def _asked_for(trace: Trace) -> Iterator[OptimizerBuilt]:
    """The optimizers that are built only with options other than the defaults, with which another one is."""
    built = list(trace.of(OptimizerBuilt))
    conditions = {(guard.key, guard.outcome) for event in built for guard in event.context.guards}
    for event in built:
        if any(g.default is (not g.outcome) and (g.key, g.default) in conditions for g in event.context.guards):
            yield event


def _in_step(rule: Rule, step: StepModel, asked_for: bool = False) -> Iterator[Finding]:
    if miss(step) is not None:
        return  # RGL109 speaks
    worst: tuple[ParamGroup, Number, list[Parameter]] | None = None
    for group, decay in decaying_groups(step):
        if silently_inherits(step, group):
            continue  # RGL108 speaks
        params = group.params.members if group.params.members is not None else group.params.seen
        hit = [p for p in params if p.role in SPARED and p.trainable]
        if hit and (worst is None or len(hit) > len(worst[2])):
            worst = (group, decay, hit)
    if worst is None:
        return  # nothing of the kind in the model, no decay, or a model that is not resolved
    group, decay, hit = worst
    reason = "" if asked_for else _proven(group, decay, hit)  # whoever sets an option for it wants to see it
    assert decay.value is not None
    message = f"weight_decay {shown(decay.value)} also decays {_counted(hit)}"
    if reason:
        message = f"weight_decay {shown(decay.value)} also decays {reason}"
    yield rule.finding(
        group.span or step.optimizer.span,
        message,
        level=Level.WARNING if reason else Level.NOTE,
        related=source_of(decay, "weight_decay"),
        help="put them in a group of their own with weight_decay=0, unless decaying them is meant",
    )


def _proven(group: ParamGroup, decay: Number, hit: list[Parameter]) -> str:
    """The parameters that nobody means to decay this way; empty where decaying them is a common choice."""
    slopes = [p for p in hit if p.role is Role.PRELU]
    if slopes and decay.value is not None and decay.value >= FELT:
        return f"the PReLU slope {slopes[0].name}"
    if group.decay is not DecayKind.DECOUPLED or decay.value is None or decay.value < STRONG:
        return ""
    gains = [p for p in hit if p.role is Role.SCALE] or [p for p in hit if p.role is Role.NORM and p.layer.endswith(LAYER_NORMS)]
    if not gains:
        return ""
    more = f" and {len(gains) - 1} more" if len(gains) > 1 else ""
    what = "the learned scale" if gains[0].role is Role.SCALE else "the norm parameter"
    return f"{what} {gains[0].name}{more} towards 0"


def _counted(hit: list[Parameter]) -> str:
    """`3 bias and 2 norm parameters (fc.bias, …)`."""
    counts = [(sum(p.role is role for p in hit), NAMES[role]) for role in SPARED]
    parts = [f"{count} {name}" for count, name in counts if count]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    plural = "parameter" if len(hit) == 1 else "parameters"
    first = hit[0].name if len(hit[0].name) <= 30 else f"…{hit[0].name[-29:]}"
    return f"{listed} {plural} ({first}{', …' if len(hit) > 1 else ''})"
