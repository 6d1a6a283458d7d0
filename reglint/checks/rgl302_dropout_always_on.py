"""RGL302: dropout that ignores eval()."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.checks.intent import STOCHASTIC, asks_mode, comments_near, says
from reglint.findings import Edit, Finding, Fix, Level, Related, Safety
from reglint.knowledge.dropouts import DropoutFact, dropout_function
from reglint.knowledge.layers import ModeDependence, layer
from reglint.source import Span
from reglint.step.trace import LibraryCall, Loop, ModeSet, Stepped, Trace
from reglint.step.values import Const, Phi, Unknown, Value, alternatives, number


@rule(
    "RGL302", "dropout-always-on", Level.ERROR, "dropout that does not follow eval()", since="0.1.0", reads="trace", fix=Safety.UNSAFE
)  # fmt: skip
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """One finding per call. A call that was only seen with the model in train() may be gated by what it asks."""
    switched = {id(e.target) for e in trace.of(ModeSet) if isinstance(e, ModeSet)}
    passes = {e.context.loops for e in trace.of(Stepped) if e.context.loops}
    seen: set[Span] = set()
    for call in trace.of(LibraryCall):
        assert isinstance(call, LibraryCall)
        message = _function(call) or _built_in_forward(call, switched)
        if message is None or call.place.span in seen or _is_meant(call) or _in_training_loop(call, passes):
            continue  # follows the mode, has rate 0, was reported, stays on by intention, or is part of the training itself
        seen.add(call.place.span)
        yield rule.finding(call.place.span, message, related=_where_built(call), help=_help(call), fix=_fix(call))


def _in_training_loop(call: LibraryCall, passes: set[tuple[Loop, ...]]) -> bool:
    """Is it called by a training loop itself, as noise on the input is, and by no module?"""
    return call.inside is None and call.context.loops in passes


def _where_built(call: LibraryCall) -> list[Related]:
    place = call.inside.place if call.inside is not None else None
    if call.inside is None or place is None or isinstance(place.node, ast.ClassDef):
        return []  # outside of a module, or in one that was read without being built
    return [Related(f"{call.inside.class_name} is built here", place.span)]


def _function(call: LibraryCall) -> str | None:
    known = dropout_function(call.name)
    if known is None or not known.rate or call.extra or known.gate in call.keywords:
        return None  # not a dropout function, or the gate is (or may be) given
    rate = call.keywords.get(known.rate)
    if (rate is None and not known.default_rate) or (rate is not None and not _drops(rate, bool(known.gate))):
        return None  # nothing is dropped, or the caller decides
    if asks_mode(call.context) or (call.gated and (call.inside is None or call.inside.training is not False)):
        return None  # stands under a test of the mode, or may do so
    short = f"F.{known.name.rpartition('.')[2]}" if known.name.startswith("torch.nn.functional") else known.name.rpartition(".")[2]
    shown = f"{short}({known.rate}={_shown(rate, known)})"
    if known.never_on:
        return f"{shown} never drops anything: training= is not given and defaults to False"
    if not known.gate:
        return f"{shown} drops in evaluation too: it does not know of eval()"
    return f"{shown} drops in evaluation too: training= is not given and defaults to True"


def _drops(rate: Value, gated: bool) -> bool:
    """Is the rate above 0, as far as can be seen? A rate that a caller passes may be 0 in evaluation."""
    for one in alternatives(rate):
        if isinstance(one, Const):
            value = number(one)
            if value is None or value <= 0:
                return False  # None, 0, or one of two by a condition
        elif isinstance(one, Unknown) and one.reason.startswith("parameter ") and ".__init__" not in one.reason:
            return False  # passed by a caller that was not seen
        elif not gated and not isinstance(one, Unknown):
            return False  # computed: `p * self.training` and the like
    return gated or not isinstance(rate, Phi)


def _shown(rate: Value | None, known: DropoutFact) -> str:
    value = known.default_rate if rate is None else number(rate)
    if value is not None:
        return f"{value:g}"
    return rate.name if isinstance(rate, Unknown) and rate.name else "…"


def _built_in_forward(call: LibraryCall, switched: set[int]) -> str | None:
    known = layer(call.name)
    if known is None or known.mode is not ModeDependence.DROPOUT or not known.passthrough or call.extra:
        return None  # not a dropout layer
    if call.inside is None or call.method != "forward" or call.context.guards:
        return None  # not in forward, or built only when something is missing
    if id(call.result) in switched:
        return None  # its mode is set where it is built
    rate = call.keywords.get(known.rate)
    value = known.default_rate if rate is None else number(rate)
    if value == 0:
        return None
    short = call.name.rpartition(".")[2]
    return f"nn.{short}({'' if value is None else f'{value:g}'}) is made anew in forward(), in training mode: eval() never reaches it"


def _is_meant(call: LibraryCall) -> bool:
    """Is dropout at inference said to be the purpose, by a name or a comment?"""
    names = [frame.name for frame in call.context.frames] + ([call.inside.class_name] if call.inside else [])
    return says(STOCHASTIC, comments_near(call.place), *names)


def _help(call: LibraryCall) -> str:
    known = dropout_function(call.name)
    if known is None:
        return "make it in __init__ and call it in forward()"
    if not known.gate:
        return f"{known.rate}=… if self.training else 0.0"
    return "training=self.training"


_RATE = re.compile(r"\b(dropout_p|p)\s*=\s*([\w.]+)(?=\s*[,)])")


def _fix(call: LibraryCall) -> Fix | None:
    known = dropout_function(call.name)
    if known is None or call.inside is None or not _has_self(call):
        return None  # a layer has to move to __init__; outside of a module there is no mode to ask
    span = call.place.span
    if span.row != span.end_row:
        return None  # over several lines, where to write it is a matter of style
    line = call.place.source.lines[call.place.node.lineno - 1]
    text = line[span.column - 1 : span.end_column - 1]
    if known.gate:
        end = span.end_column - 1
        comma = " " if text[:-1].rstrip().endswith(",") else ", "
        edit = Edit(Span(span.path, span.row, end, span.row, end, span.cell), f"{comma}training=self.training")
        return Fix("follow the mode of the module", Safety.UNSAFE, (edit,))
    found = _RATE.search(text)
    if found is None:
        return None  # given by position
    start, end = span.column + found.start(2), span.column + found.end(2)
    edit = Edit(Span(span.path, span.row, start, span.row, end, span.cell), f"{found[2]} if self.training else 0.0")
    return Fix("switch it off outside of training", Safety.UNSAFE, (edit,))


def _has_self(call: LibraryCall) -> bool:
    return bool(call.context.frames) and call.context.frames[-1].module != 0
