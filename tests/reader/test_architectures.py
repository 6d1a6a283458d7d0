"""What the reader says of a model, compared with the model itself."""

from __future__ import annotations

import warnings

import pytest

from reglint.step.trace import Event, ModeSet
from tests.reader.architectures import ARCHITECTURES, HEADER
from tests.reader.reading import Read

torch = pytest.importorskip("torch")
TAIL = "\nopt = torch.optim.SGD([{'params': model.parameters()}], lr=0.1)\nmodel.eval()\n"


def real(source: str) -> object:
    """The model that the source builds."""
    scope: dict[str, object] = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "main.py", "exec"), scope)
    return scope["model"]


def _ndim(parameter: object) -> int | None:
    return None if isinstance(parameter, torch.nn.UninitializedParameter) else parameter.ndim  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_parameters(name: str, read: Read) -> None:
    """The model is resolved; its parameters have the names, dimensions and requires_grad of the real one, in order."""
    source = HEADER + ARCHITECTURES[name]
    (optimizer,) = read(source + TAIL).optimizers
    members = optimizer.groups[0].params.members
    assert members is not None
    expected = [(n, _ndim(p), p.requires_grad) for n, p in real(source).named_parameters()]  # type: ignore[attr-defined]
    assert [n for n, *_ in expected] == [p.name for p in members]
    assert [r for *_, r in expected] == [p.trainable for p in members]
    wrong = [(p.name, p.ndim, d) for p, (_, d, _) in zip(members, expected, strict=True) if None not in (p.ndim, d) and p.ndim != d]
    assert not wrong


def _is_mode_dependent(layer: object) -> bool:
    if isinstance(layer, torch.nn.modules.batchnorm._NormBase):
        return bool(layer.track_running_stats)
    rate = getattr(layer, "dropout", 0) if isinstance(layer, torch.nn.RNNBase | torch.nn.MultiheadAttention) else getattr(layer, "p", 0)
    return bool(rate) and (not isinstance(layer, torch.nn.RNNBase) or layer.num_layers > 1)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or not outer or inner.startswith(f"{outer}.")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_mode_dependent_layers(name: str, read: Read) -> None:
    """The layers whose output depends on the mode are those of the real model; a composite layer of torch stands for its parts."""
    source = HEADER + ARCHITECTURES[name]
    info = read(source + TAIL).module
    expected = {n for n, layer in real(source).named_modules() if _is_mode_dependent(layer)}  # type: ignore[attr-defined]
    acting = {one.path for one in info.layers if one.tracks_statistics and (one.rate is None or getattr(one.rate, "value", 1) != 0)}
    assert info.resolved
    assert all(any(_within(real_one, found) for real_one in expected) for found in acting)
    assert all(any(_within(real_one, found) for found in acting) for real_one in expected)


def test_modes_are_events(read: Read) -> None:
    """The window of these tests: eval() of a model is an event with the model as it was."""
    events: list[Event] = [*read("import torch\nmodel = torch.nn.Linear(1, 1)\nmodel.eval()\n").of(ModeSet)]
    assert len(events) == 1
