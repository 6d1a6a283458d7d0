"""Source texts are written to a folder and read as reglint reads them; what the reader then says is compared with what is true.

A value is looked at through `torch.nn.Dropout(value)`: the event of that call carries it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

from reglint.loading import load
from reglint.reader.project import Project
from reglint.step.model import Number, Objective, Optimizer, StepModel
from reglint.step.trace import Event, LibraryCall, ModeSet, ModuleInfo, OptimizerBuilt, Trace
from reglint.step.values import Const, Phi, Value, alternatives

E = TypeVar("E", bound=Event)
Read = Callable[..., "Evaluated"]


@dataclass(frozen=True)
class Evaluated:
    """What came out of one file read as the program that is run, and (`rest`) of all functions nobody called."""

    traces: tuple[Trace, ...]
    steps: tuple[StepModel, ...]
    rest: tuple[StepModel, ...]

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """All events of all traces."""
        return tuple(e for trace in self.traces for e in trace.events)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one class."""
        return [e for e in self.events if isinstance(e, kind)]

    @property
    def shown(self) -> list[Value]:
        """The values passed to Dropout, in order."""
        calls = (e for e in self.of(LibraryCall) if e.name == "torch.nn.Dropout")
        return [e.keywords.get("p") or Const(None) for e in calls]

    @property
    def value(self) -> Value:
        """The only value shown."""
        (only,) = self.shown
        return only

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers as built."""
        return [e.optimizer for e in self.of(OptimizerBuilt)]

    @property
    def module(self) -> ModuleInfo:
        """The module of the last mode switch."""
        info = self.of(ModeSet)[-1].module
        assert info is not None
        return info

    @property
    def objective(self) -> Objective:
        """The objective of the only step."""
        (step,) = self.steps
        (only,) = step.objectives
        return only

    @property
    def complete(self) -> bool:
        """Whether no budget ran out."""
        return all(t.complete for t in self.traces)


def evaluate(folder: Path, files: str | Mapping[str, str], *roots: str) -> Evaluated:
    """Write the files and read the roots (main.py) one after the other, and after them what nobody called in the last one."""
    texts = {"main.py": files} if isinstance(files, str) else files
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    (folder / ".git").mkdir(exist_ok=True)
    paths = sorted(n for n in texts if n.endswith(".py"))
    base = os.path.realpath(folder)
    project = Project({p: (lambda p=p: load(p, f"{base}/{p}")) for p in paths}, load)  # type: ignore[misc]
    readings = [project.read(root) for root in roots or ("main.py",)]
    rest = project.read_rest((roots or ("main.py",))[-1], readings[-1].covered)
    traces = tuple(t for reading in (*readings, rest) for t in reading.traces)
    return Evaluated(traces, tuple(s for reading in readings for s in reading.steps), rest.steps)


def plain(value: Value) -> object:
    """A constant's value; a set of them for an open choice; the string `?` for anything not known."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Phi):
        return {plain(v) for v in alternatives(value)}
    return "?"


def origin(value: Value) -> str:
    """Where a constant comes from, without its place."""
    return str(value.origin).partition(" at ")[0] if isinstance(value, Const) and value.origin is not None else ""


def numbers(options: Mapping[str, Number]) -> dict[str, float | None]:
    """Options as plain numbers."""
    return {name: number.value for name, number in options.items()}
