"""What observing costs: processor seconds per step with and without the probe, and the memory on top."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from reglint.probe.session import Session


@dataclass(frozen=True, slots=True)
class Overhead:
    """Seconds: the fastest plain step, the first and the fastest later observed one, and the report. Memory in MB over the plain peak."""

    name: str
    parameters: int
    plain: float
    first: float
    later: float
    report: float
    memory: float

    def __str__(self) -> str:
        """One line of a table."""
        return (
            f"{self.name:<10} {self.parameters / 1e6:6.1f} M  plain {self.plain * 1e3:7.1f} ms  first x{self.first / self.plain:.2f}  "
            f"later x{self.later / self.plain:.2f}  report {self.report:.2f} s  +{self.memory:.0f} MB"
        )


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


def models() -> dict[str, tuple[nn.Module, torch.Tensor]]:
    """Models of 10 million parameters and more, with an input each."""
    mlp = nn.Sequential(nn.Linear(512, 2048), nn.ReLU(), nn.Linear(2048, 3072), nn.ReLU(), nn.Linear(3072, 1024))
    blocks = nn.Sequential(*(_Block(384) for _ in range(6)))
    return {"mlp": (mlp, torch.randn(256, 512)), "blocks": (blocks, torch.randn(4, 128, 384))}


def measure(name: str, model: nn.Module, inputs: torch.Tensor, repeats: int = 4) -> Overhead:
    """Plain steps first, then the same under observation, with an L2 penalty in the loss so that all of the probe works."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step() -> float:
        began = time.process_time()
        optimizer.zero_grad()
        loss = model(inputs).pow(2).mean() + 1e-4 * sum(p.pow(2).sum() for p in model.parameters())
        loss.backward()
        optimizer.step()
        return time.process_time() - began

    step()
    plain = min(step() for _ in range(repeats))
    before = _peak()
    session = Session(steps=repeats)
    session.know(model, optimizer)
    session.start()
    first = step()
    later = min(step() for _ in range(repeats - 1))
    began = time.process_time()
    trace = session.trace()
    spent = time.process_time() - began
    assert not trace.failures, trace.failures
    return Overhead(name, sum(p.numel() for p in model.parameters()), plain, first, later, spent, _peak() - before)


def _peak() -> float:
    """Peak resident memory of this process in MB (Linux counts in kB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e3 if sys.platform == "linux" else 1e6)


def main() -> None:
    """Print the table."""
    torch.manual_seed(0)
    for name, (model, inputs) in models().items():
        print(measure(name, model, inputs))


if __name__ == "__main__":
    main()
