"""RGL307: dropout of a recurrent layer with a single layer."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.source import Span
from reglint.step.trace import LibraryCall, Trace
from reglint.step.values import Const, number

RECURRENT = {"torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN"}


@rule(
    "RGL307",
    "rnn-dropout-without-effect",
    Level.NOTE,
    "dropout between layers of a recurrent network that has one",
    since="0.1.0",
    reads="trace",
)
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """Both numbers have to be known; a layer built with several settings has to have one layer in all of them."""
    built: dict[Span, list[LibraryCall]] = {}
    for call in trace.of(LibraryCall):
        if isinstance(call, LibraryCall) and call.name in RECURRENT:
            built.setdefault(call.place.span, []).append(call)
    for span, calls in built.items():
        if all(_without_effect(call) for call in calls):
            rate = number(calls[0].keywords["dropout"])
            short = calls[0].name.rpartition(".")[2]
            message = f"dropout={rate:g} does nothing in nn.{short} with num_layers=1: it acts between layers"
            yield rule.finding(span, message, help="drop its outputs with nn.Dropout, or use more layers")


def _without_effect(call: LibraryCall) -> bool:
    rate = number(call.keywords["dropout"]) if "dropout" in call.keywords else None
    layers = number(call.keywords.get("num_layers", Const(1)))
    return not call.extra and layers == 1 and rate is not None and rate > 0
