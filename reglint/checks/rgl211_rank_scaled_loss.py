"""RGL211: a loss is scaled by the number of ranks, although DistributedDataParallel averages gradients over them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reglint.checks import Rule, rule
from reglint.checks.objectives import minimised, nodes
from reglint.checks.sizes import name_of
from reglint.findings import Finding, FormulaPair, Level, Related
from reglint.step.trace import LibraryCall, Trace
from reglint.step.values import Expr, Value

_RANKS = re.compile(r"(?:dist_|ddp_)?world_?size|n_?ranks|num_ranks|num_replicas", re.IGNORECASE)


@rule(
    "RGL211",
    "rank-scaled-loss",
    Level.NOTE,
    "a loss is multiplied or divided by the number of ranks, over which gradients are averaged already",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterable[Finding]:
    """One finding per backward() of a loss with the number of ranks as a factor, where the model is wrapped for them."""
    wrapped = next((call for call in trace.of(LibraryCall) if call.name.endswith("DistributedDataParallel")), None)
    if wrapped is None:
        return
    for objective in minimised(trace, returned=False):
        if any("gather" in node.op or "gather" in node.name for node in nodes(objective.value)):
            continue  # only the rank's own part of what was gathered has a gradient: the factor makes up for it
        for term in objective.terms:
            times = [factor for factor in term.factors if _counts_ranks(factor)]
            over = [division for division in term.divisions if _counts_ranks(division.by)]
            if not times and not over:
                continue
            yield rule.finding(
                objective.event.place.span,
                f"the loss is {'multiplied' if times else 'divided'} by the number of ranks, and gradients are averaged over them too",
                related=[Related("gradients are averaged over the ranks", wrapped.place.span)],
                formula=FormulaPair(f"w ← w − η·{'R' if times else '(1/R)'}·(1/R)·Σᵣgᵣ", "w ← w − η·(1/R)·Σᵣgᵣ"),
                help="leave the factor out, unless the loss is a sum that is divided by a count over all ranks",
            )
            break


def _counts_ranks(value: Value) -> bool:
    if isinstance(value, Expr) and value.name.endswith("get_world_size"):
        return True
    if isinstance(value, Expr) and value.op in ("item", "float", "same") and value.args:
        return _counts_ranks(value.args[0])
    return bool(_RANKS.fullmatch(name_of(value)))
