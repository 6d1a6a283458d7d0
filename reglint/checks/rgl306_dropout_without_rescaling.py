"""RGL306: dropout by hand that neither scales up while training nor scales down at test time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.intent import comments_near, says
from reglint.checks.objectives import nodes
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import Masked, Trace
from reglint.step.values import Value

# Masks on purpose: inputs that are corrupted, conditions that are left out, data that is varied.
OTHER = re.compile(
    r"mask_?(ed|ing|token|image|lang)|mlm|nois|corrupt|denois|augment|cond|guid|word|token|edge|node|path|depth|label|sparsif|prun",
    re.IGNORECASE,
)
DROPS = re.compile(r"drop|\bkeep", re.IGNORECASE)
HIDDEN = frozenset("layer forward linear matmul mm bmm dot einsum conv1d conv2d conv3d".split())


@rule(
    "RGL306",
    "dropout-without-rescaling",
    Level.WARNING,
    "dropout by hand is rescaled neither in training nor at test time",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One finding per product of activations with a random mask that is drawn in training only and whose scale nothing makes up for."""
    seen: set[Span] = set()
    for event in trace.of(Masked):
        assert isinstance(event, Masked)
        if event.rescaled or not event.gated or event.place.span in seen:
            continue  # one of the two scalings is there, or nothing shows that this is for training
        names = " ".join(frame.name for frame in event.context.frames)
        if says(OTHER, names, comments_near(event.place)) or not (_is_hidden(event.value) or DROPS.search(names)):
            continue  # another kind of mask, or a mask on what comes in
        seen.add(event.place.span)
        yield rule.finding(
            event.place.span,
            "what this mask keeps is not rescaled: activations are larger at test time than in training",
            help="divide by the probability to keep while training, or use nn.Dropout",
        )


def _is_hidden(value: Value) -> bool:
    """Is it computed by a layer or with weights?"""
    return any(node.op in HIDDEN for node in nodes(value))
