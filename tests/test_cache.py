"""The cache: the same output with it and without it, whatever happens to the files and to the cache itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MODEL = "import torch\nmodel = torch.nn.Linear(2, 1)\n"
TRAIN = (
    "import torch\nfrom model import model\nopt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)\n"
    "l2 = sum(p.pow(2).sum() for p in model.parameters())\n"
    "loss = torch.nn.functional.mse_loss(model(torch.ones(1, 2)), torch.ones(1, 1)) + 0.01 * l2\n"
    "opt.zero_grad()\nloss.backward()\nopt.step()\n"
)
Lint = Callable[..., str]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Lint the project with the command line; gives standard output. Options go behind."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "model.py").write_text(MODEL)
    (tmp_path / "project" / "train.py").write_text(TRAIN)
    (tmp_path / "project" / "broken.py").write_text("def f(:\n")

    def run(*options: str) -> str:
        argv = [sys.executable, "-m", "reglint", "check", ".", "--isolated", "--select", "ALL", "--output-format", "concise", *options]
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
        return subprocess.run(argv, cwd=tmp_path / "project", env=env, capture_output=True, text=True, check=False).stdout

    return run


def caches(tmp_path: Path, kind: str) -> list[Path]:
    """The files of the cache."""
    return sorted((tmp_path / "project" / ".reglint_cache").glob(f"{kind}-*.json"))


def test_same_output_cold_warm_and_in_parallel(lint: Lint, tmp_path: Path) -> None:
    """--no-cache, the first run, the second one and two processes print the same bytes."""
    first = lint("--no-cache")
    assert "RGL101" in first and "RGL900" in first
    assert not caches(tmp_path, "run")
    assert [lint(), lint(), lint("--jobs", "2"), lint("--jobs", "1")] == [first] * 4
    assert (tmp_path / "project" / ".reglint_cache" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (tmp_path / "project" / ".reglint_cache" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.py", "import torch\nmodel = None\n"),  # what an import brings
        ("train.py", TRAIN.replace("weight_decay=0.1", "weight_decay=0.0")),
        ("torchmetrics.py", "x = 1\n"),  # a new file nobody imports
        ("model/__init__.py", "import torch\nmodel = None\n"),  # changes nothing: model.py is found first
        ("reglint.toml", 'ignore = ["RGL101"]\n'),
    ],
)
def test_what_changes_is_seen(lint: Lint, tmp_path: Path, name: str, content: str) -> None:
    """After any change, a warm run prints what a run without cache prints."""
    lint()
    path = tmp_path / "project" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert lint() == lint("--no-cache")


def test_new_times_are_looked_through(lint: Lint, tmp_path: Path) -> None:
    """A fresh checkout: other times, the same contents; and an edit that keeps size and time is found while it is recent."""
    first = lint()
    for path in (tmp_path / "project").glob("*.py"):
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    before = caches(tmp_path, "run")[0].read_bytes()
    assert lint() == first
    assert caches(tmp_path, "run")[0].read_bytes() != before, "the new times are written down"


def test_one_changed_file_leaves_the_results_of_others(lint: Lint, tmp_path: Path) -> None:
    """The units of files that did not look into the changed one are the same bytes afterwards."""
    (tmp_path / "project" / "other.py").write_text(TRAIN.replace("from model import model", "model = torch.nn.Linear(3, 1)"))
    lint()
    before = json.loads(caches(tmp_path, "units")[0].read_text())["results"]
    (tmp_path / "project" / "model.py").write_text(MODEL.replace("2, 1", "4, 1"))
    lint()
    after = json.loads(caches(tmp_path, "units")[0].read_text())["results"]
    assert before["read other.py"] == after["read other.py"]
    assert before["read train.py"] != after["read train.py"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\x80\x04K\x01.", b'{"output": 1}', b'{"names": 3, "looks": []}', b"[" * 100_000])
def test_a_damaged_cache_is_ignored(lint: Lint, tmp_path: Path, damage: bytes) -> None:
    """Truncated, foreign or hostile content costs time, never correctness."""
    first = lint()
    for path in (*caches(tmp_path, "run"), *caches(tmp_path, "units")):
        path.write_bytes(damage)
    assert lint() == first
    assert lint() == first


def test_runs_at_the_same_time(lint: Lint, tmp_path: Path) -> None:
    """Two runs that write the same cache leave a whole one."""
    argv = [sys.executable, "-m", "reglint", "check", ".", "--isolated", "--select", "ALL", "--output-format", "concise"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    runs = [subprocess.Popen(argv, cwd=tmp_path / "project", env=env, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [run.communicate()[0] for run in runs]
    assert outputs == [lint("--no-cache")] * 3
    assert all(json.loads(path.read_text()) for path in caches(tmp_path, "run"))
    assert not list((tmp_path / "project" / ".reglint_cache").glob("*.json.*")), "nothing unfinished is left"


def test_an_interrupted_run_leaves_no_trace(lint: Lint, tmp_path: Path) -> None:
    """Part files of a run that was killed are never read."""
    first = lint("--no-cache")
    folder = tmp_path / "project" / ".reglint_cache"
    folder.mkdir()
    (folder / "units-x.json.123").write_text('{"names": ')
    assert [lint(), lint()] == [first] * 2


def test_a_folder_that_cannot_be_written(lint: Lint, tmp_path: Path) -> None:
    """Without a place for the cache everything is read each time."""
    (tmp_path / "project" / ".reglint_cache").write_text("a file stands in the way")
    assert lint() == lint("--no-cache")


def test_what_two_programs_load_through_a_third_file(lint: Lint, tmp_path: Path) -> None:
    """The second program finds the module evaluated already; it depends on the file behind it all the same."""
    project = tmp_path / "project"
    (project / "model.py").write_text("from strength import decay\nimport torch\nmodel = torch.nn.Linear(2, 1)\ndecay = decay\n")
    (project / "strength.py").write_text("decay = 0.1\n")
    program = TRAIN.replace("import model\n", "import decay, model\n").replace("weight_decay=0.1", "weight_decay=decay")
    (project / "train.py").write_text(program)
    (project / "again.py").write_text(program)
    both = lint("--jobs", "1")
    assert both.count("RGL101") == 2
    (project / "strength.py").write_text("decay = 0.0\n")
    assert lint("--jobs", "1").count("RGL101") == 0
