"""Data loaders and samplers of a training loop."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.step.trace import LibraryCall, Loop, Stepped, Trace
from reglint.step.values import Value, alternatives

LOADER = "torch.utils.data.DataLoader"


def trained_on(trace: Trace) -> Iterator[tuple[LibraryCall, Stepped, Loop]]:
    """Each loader that a training loop runs over, with a step inside of that loop."""
    loops: dict[int, tuple[Stepped, Loop]] = {}
    for step in trace.of(Stepped):
        assert isinstance(step, Stepped)
        for loop in step.context.loops:
            for loader in loop.loaders:
                loops.setdefault(loader, (step, loop))
    for call in trace.of(LibraryCall):
        if isinstance(call, LibraryCall) and call.name == LOADER:
            uid = getattr(call.result, "uid", 0)
            if uid in loops:
                yield call, *loops[uid]


def one_of(value: Value | None, wanted: Value) -> bool:
    """Is a value, or one of its alternatives, that very object?"""
    return value is not None and any(one is wanted for one in alternatives(value))
