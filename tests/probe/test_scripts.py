"""Unmodified scripts in a process of their own: what is measured, how they are stopped, what they leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from reglint.probe.launch import Request, probe_script, run
from reglint.probe.report import ProbeReport

SCRIPTS = Path(__file__).parent / "scripts"


def probe(name: str, *args: str, **options: Any) -> ProbeReport:
    """Run one of the scripts; the probe must not have failed inside it."""
    report = probe_script(str(SCRIPTS / name), args, **{"timeout": 100.0, **options})
    assert report.trace.failures == ()
    return report


def test_the_parent_does_not_import_torch(tmp_path: Path) -> None:
    """The whole of probe_script works without torch in the calling process."""
    code = (
        "import sys; from reglint.probe import probe_script; "
        f"r = probe_script({str(SCRIPTS / 'double.py')!r}, ['--wd', '1e-3']); "
        "print(r.formula(sources=False), r.outcome, 'torch' in sys.modules)"
    )
    root = str(SCRIPTS.parents[2])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout == "w ← w − SGD(momentum 0.9)[lr=0.1](∇L_data + 0.0002·w + 0.001·w) ok False\n"
    assert "argv ['--wd', '1e-3']" in done.stderr  # what the script prints never mixes with our output


def test_stubborn_program_leaves_nothing_behind(tmp_path: Path) -> None:
    """A bare except, finally, atexit, a SIGTERM handler and a background process: stopped, no file written, nobody left."""
    report = probe("stubborn.py", str(tmp_path))
    assert report.formula() == "w ← w − 0.1·(∇L_data)"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["child.txt"]
    child = int((tmp_path / "child.txt").read_text())
    deadline = time.monotonic() + 20.0  # a killed process takes a moment on a busy machine
    while not _gone(child):
        assert time.monotonic() < deadline


def _gone(pid: int) -> bool:
    """No such process, or one that was killed and waits for init to collect it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_loader_workers(method: str) -> None:
    """Workers of either kind do not disturb, and are gone afterwards."""
    report = probe("workers.py", method)
    assert report.formula("0.weight") == "w ← 0.999·w − AdamW[lr=0.01](∇L_data)"


def test_two_ranks() -> None:
    """torchrun with two gloo processes: rank 0 reports, and the gradient is the mean over the ranks."""
    command = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29713", str(SCRIPTS / "ranks.py"))
    report = run(Request(command, timeout=100.0))
    assert report.trace.failures == () and (report.trace.rank, report.trace.ranks) == (0, 2)
    assert report.formula("0.weight", sources=False) == "w ← 0.9998·w − AdamW[lr=0.01](∇L_data + 0.002·w)"
    assert any("averaged over 2 ranks" in limit for limit in report.trace.limits)


def test_ranks_that_clip(tmp_path: Path) -> None:
    """Clipping acts on the average over the ranks: the factor is found against it, not against one rank's own gradient."""
    out = tmp_path / "factors"
    words = ("--nproc-per-node", "2", "--master-port", "29714", str(SCRIPTS / "clipped_ranks.py"), str(out))
    report = run(Request((sys.executable, "-m", "torch.distributed.run", *words), timeout=100.0))
    factor = float(out.read_text().splitlines()[0])
    assert report.formula("0.weight", sources=False) == f"w ← w − SGD(momentum 0.9)[lr=0.05]({factor:.6g}·(∇L_data + 0.01·w) + 0.001·w)"
    assert any("averaged over 2 ranks" in limit for limit in report.trace.limits)


@pytest.mark.parametrize("when", ["before", "after"])
def test_time_limit(when: str) -> None:
    """A program that hangs, before or after importing torch, is stopped and its place is told."""
    report = probe("hang.py", when, timeout=12.0 if when == "after" else 3.0)
    assert report.outcome == "timeout"
    assert "hang.py" in report.trace.message and "in wait_forever" in report.trace.message


@pytest.mark.parametrize(
    ("how", "outcome", "text"),
    [
        ("error", "crashed", "ValueError: no such data set"),
        ("exit", "no_step", "no backward pass and no optimizer step"),
        ("input", "crashed", "EOFError"),
        ("backward", "no_step", "no weight moved"),
        ("late", "ok", "ValueError: after the first step"),
    ],
)
def test_early_ends(how: str, outcome: str, text: str) -> None:
    """Errors keep the script's own traceback; a step that was seen before stays seen."""
    report = probe("ends.py", how)
    assert report.outcome == outcome and text in report.trace.message
    assert f"{os.sep}reglint{os.sep}probe" not in report.trace.message
    if how == "late":
        assert report.formula("w") == "w ← w − 0.1·(∇L_data)"


def test_by_hand() -> None:
    """A hand-written update: the rate includes the division by the batch size, the penalty is on w only."""
    report = probe("by_hand.py")
    assert report.formula("w", sources=False) == "w ← w − 0.001875·(∇L_data + 0.5·w)"
    assert report.formula("b") == "w ← w − 0.001875·(∇L_data)"
    assert report.trace.steps[0].data[0].text == "sum"


def test_compiled() -> None:
    """Compiled model and loss run eagerly under observation, with the same formula."""
    report = probe("compiled.py")
    assert report.formula("0.weight", sources=False) == "w ← 0.9995·w − AdamW[lr=0.01](∇L_data + 0.002·w)"


@pytest.mark.parametrize(("name", "args"), [("threaded.py", ()), ("processes.py", ("fork",)), ("processes.py", ("spawn",))])
def test_training_elsewhere(name: str, args: tuple[str, ...]) -> None:
    """In a thread, a forked process, a spawned process."""
    assert probe(name, *args).formula("0.weight", sources=False) == "w ← w − 0.1·(∇L_data + 0.002·w + 0.001·w)"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_mixed_precision(device: str) -> None:
    """The scale is taken out, the clip factor shows, the penalty keeps its coefficient, the decay is decoupled."""
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    report = probe("mixed_precision.py", device)
    assert report.trace.device == device
    change = report.member("0.weight").change
    assert change.kind == "scale" and 0.0 < change.factor < 0.1
    assert report.trace.steps[0].penalties[0].coefficient == pytest.approx(2e-3, rel=1e-4)
    assert report.formula("0.weight", sources=False) == f"w ← 0.999·w − AdamW[lr=0.01]({change.factor:g}·(∇L_data + 0.002·w))"
    assert not report.has("RGL404")


KINDS = ["AdamW", "nesterov", "Adafactor", "LBFGS", "noisy"]


@pytest.fixture(scope="module")
def unobserved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the program prints without the probe, by kind."""
    saved = str(tmp_path_factory.mktemp("plain") / "saved.pt")
    command = (sys.executable, str(SCRIPTS / "to_the_end.py"), saved, *KINDS)
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines(keepends=True)
    return dict(zip(KINDS, lines, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_changes(kind: str, tmp_path: Path, unobserved: dict[str, str]) -> None:
    """With --keep-running the program computes, bit for bit, what it computes alone: losses, checkpoint, random numbers, hooks."""
    command = (sys.executable, str(SCRIPTS / "to_the_end.py"), str(tmp_path / "saved.pt"), kind)
    with open(tmp_path / "out.txt", "w+") as output:
        report = run(Request(command, keep_running=True), output)
        output.seek(0)
        assert output.read() == unobserved[kind]
    assert report.outcome == "ok" and report.trace.failures == ()


def test_module_and_own_sitecustomize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """-m MODULE, from another directory, and a sitecustomize of the user's own that still runs."""
    (tmp_path / "sitecustomize.py").write_text("import os\nos.environ['OWN'] = 'ran'\n")
    (tmp_path / "trainer.py").write_text(
        "import os, torch\nassert os.environ['OWN'] == 'ran' and __name__ == '__main__'\n"
        "w = torch.ones(3, requires_grad=True)\no = torch.optim.SGD([w], lr=0.5)\n"
        "for _ in range(2):\n    o.zero_grad()\n    (w * torch.tensor([1.0, 2.0, 3.0])).sin().sum().backward()\n    o.step()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    report = run(Request((sys.executable, "-m", "trainer"), cwd=str(tmp_path)))
    assert report.outcome == "ok", report.trace.message
    assert report.formula("w") == "w ← w − 0.5·(∇L_data)"


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_until_evaluation(mode: str, tmp_path: Path) -> None:
    """The loaders end early, the evaluation's modes are seen, and the program is stopped before its checkpoint."""
    report = probe("evaluates.py", mode, str(tmp_path / "model.pt"), until_eval=True)
    found = {f.code: f.message for f in report.findings}
    if mode == "train":
        assert found["RGL301"] == "batch norm and dropout are in train mode during a forward pass without gradients"
    else:
        assert "RGL301" not in found and "in eval mode" in found["RGL302"]
    assert not (tmp_path / "model.pt").exists()
