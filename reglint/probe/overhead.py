"""What observing costs: `python -m reglint.dev bench probe` measures plain and observed steps in turn, and the memory of both.

Every model is trained with an L2 penalty in its loss, so that all of the probe works: the split of the loss, the form of
the penalty, the samples before and after the step.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from reglint.probe.session import Session

OPTIMIZERS: dict[str, Callable[[nn.Module], torch.optim.Optimizer]] = {
    "SGD": lambda model: torch.optim.SGD(model.parameters(), lr=1e-4),
    "AdamW": lambda model: torch.optim.AdamW(model.parameters(), lr=1e-4),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time and of the clock of one step."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Round:
    """A plain step, the first and the second observed one right after it, and the report."""

    plain: Cost
    first: Cost
    later: Cost
    report: Cost


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(width), nn.MultiheadAttention(width, 8, batch_first=True)
        self.second, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        out: torch.Tensor = x + self.down(F.gelu(self.up(self.second(x))))
        return out


def _mlp() -> tuple[nn.Module, torch.Tensor]:
    model = nn.Sequential(nn.Linear(512, 2048), nn.ReLU(), nn.Linear(2048, 3072), nn.ReLU(), nn.Linear(3072, 1024))
    return model, torch.randn(256, 512)


def _blocks() -> tuple[nn.Module, torch.Tensor]:
    return nn.Sequential(*(_Block(384) for _ in range(6))), torch.randn(4, 128, 384)


# Models of 10 million parameters and more with an input each: (256, 512), and (4, 128, 384).
MODELS = {"mlp": _mlp, "blocks": _blocks}


def training_step(name: str, optimizer: str) -> tuple[nn.Module, torch.optim.Optimizer, Callable[[], None]]:
    """A model, its optimizer and a function that makes one training step, not yet called."""
    model, inputs = MODELS[name]()
    made = OPTIMIZERS[optimizer](model)

    def step() -> None:
        made.zero_grad()
        loss = model(inputs).pow(2).mean() + 1e-4 * sum(p.pow(2).sum() for p in model.parameters())
        loss.backward()
        made.step()

    return model, made, step


def _cost(action: Callable[[], object]) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def rounds(name: str, optimizer: str, count: int) -> Iterator[Round]:
    """Plain and observed steps in turn, so that load on the machine hits both alike; one plain step is made before."""
    model, made, step = training_step(name, optimizer)
    step()
    for _ in range(count):
        plain = _cost(step)
        session = Session(steps=2)
        session.know(model, made)
        session.start()
        first, later = _cost(step), _cost(step)
        report = _cost(session.trace)
        assert not session.recorder.failures, session.recorder.failures
        yield Round(plain, first, later, report)


def peak(name: str, optimizer: str, observed: bool, steps: int = 2) -> float:
    """Peak resident memory in MB of a process of its own that trains, over that of one that only imports (`steps` 0)."""
    code = f"import reglint.probe.overhead as o; o.train({name!r}, {optimizer!r}, {observed}, {steps})"
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return float(subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.PIPE).stdout)


def _own_peak() -> float:
    """Peak resident memory of this process in MB; ru_maxrss would on Linux also count the parent at the fork."""
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status", encoding="ascii") as file:
            return next(float(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1e3
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def train(name: str, optimizer: str, observed: bool, steps: int) -> None:
    """What the processes of `peak` do, printing it; with 0 steps only a layer is trained, so that all code is loaded."""
    if not steps:
        layer = nn.Linear(2, 2)
        small = OPTIMIZERS[optimizer](layer)
        session = Session()
        session.know(layer, small)
        session.start()
        for _ in range(2):
            layer(torch.ones(1, 2)).sum().backward()
            small.step()
        session.trace()
        print(_own_peak())
        return
    model, made, step = training_step(name, optimizer)
    session = Session(steps)
    if observed:
        session.know(model, made)
        session.start()
    for _ in range(steps):
        step()
    if observed:
        assert not session.trace().failures
    print(_own_peak())


def memory(name: str, optimizer: str) -> tuple[float, float]:
    """MB over the bare process: plain and observed."""
    bare = peak(name, optimizer, False, 0)
    return peak(name, optimizer, False) - bare, peak(name, optimizer, True) - bare


def lines(names: Sequence[str] = tuple(MODELS), count: int = 5) -> Iterator[str]:
    """The table: medians of the plain steps and of the ratios, processor time before and the clock after the slash."""
    yield f"{'':<16}{'M param':>8}{'plain ms':>14}{'first':>14}{'later':>14}{'report ms':>14}{'plain MB':>10}{'observed':>10}"
    for name in names:
        for optimizer in OPTIMIZERS:
            torch.manual_seed(0)
            made = list(rounds(name, optimizer, count))
            numbers = sum(p.numel() for p in MODELS[name]()[0].parameters()) / 1e6
            plain, observed = memory(name, optimizer)
            times = "".join(_pair([getattr(r, part) for r in made], 1e3) for part in ("plain",))
            ratios = "".join(
                _pair([Cost(getattr(r, part).cpu / r.plain.cpu, getattr(r, part).wall / r.plain.wall) for r in made], 1.0, "x")
                for part in ("first", "later")
            )
            report = _pair([r.report for r in made], 1e3)
            yield f"{name + ', ' + optimizer:<16}{numbers:>8.1f}{times}{ratios}{report}{plain:>10.0f}{f'x{observed / plain:.2f}':>10}"


def _pair(costs: Sequence[Cost], factor: float, mark: str = "") -> str:
    digits = 2 if mark else 0
    cpu, wall = (statistics.median(getattr(cost, part) for cost in costs) * factor for part in ("cpu", "wall"))
    return f"{f'{mark}{cpu:.{digits}f} / {mark}{wall:.{digits}f}':>14}"
