"""A safe fix leaves all numbers as they are: programs before and after it train the same parameters, bit by bit."""

from __future__ import annotations

import ast
import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reglint.findings import Safety
from reglint.fixer import fix
from reglint.knowledge.activations import Scale
from reglint.knowledge.losses import LOSSES, REFUSES_LEGACY_WORDS, LossFact, reduction_of
from tests import exact_run
from tests.test_fix_cases import PATHS, RULES, has_fixes, lint, name

torch = pytest.importorskip("torch")

EXAMPLES = sorted(path for path in (RULES.parent / "examples").iterdir() if path.is_dir())


def copied(path: Path, target: Path) -> Path:
    """A case, a page's bad.py or an example in a folder of its own."""
    if path.is_dir():
        shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True)
        shutil.copyfile(path, target / path.name)
    return target


def fixed(before: Path, after: Path) -> tuple[str, ...]:
    """Write what the safe fixes make of a folder to another one; returns the codes of what they fixed."""
    done = fix(partial(lint, before), unsafe=False)
    assert all(finding.fix is not None and finding.fix.safety is Safety.SAFE for finding in done.applied)
    shutil.copytree(before, after, ignore=shutil.ignore_patterns("__pycache__"))
    for change in done.changes:
        (after / Path(change.absolute).relative_to(before)).write_bytes(change.after)
    return tuple(finding.code for finding in done.applied)


def trained(files: list[Path], result: Path) -> list[dict[str, Any]]:
    """What the programs train, one after the other in a process of their own."""
    command = [sys.executable, exact_run.__file__, str(result), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    records: list[dict[str, Any]] = torch.load(result, weights_only=True)
    return records


def same(one: Any, other: Any) -> bool:
    """Equal to the last bit; NaN is equal to itself, -0.0 is not equal to 0.0."""
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return type(one) is type(other) and one == other
    first, second = (value.contiguous().reshape(-1).view(torch.uint8) for value in (one, other))
    return (one.dtype, one.shape) == (other.dtype, other.shape) and torch.equal(first, second)


def difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The first thing in which two runs of a program differ; empty where there is none."""
    if before["end"] != after["end"] or len(before["steps"]) != len(after["steps"]):
        return f"{before['end']} after {len(before['steps'])} steps, then {after['end']} after {len(after['steps'])}"
    for step, (one, other) in enumerate(zip(before["steps"], after["steps"], strict=True), 1):
        if len(one) != len(other) or not all(map(same, one, other)):
            return f"parameters differ after step {step}"
    if before["state"].keys() != after["state"].keys():
        return "other modules at the end"
    return next((f"{key} differs at the end" for key, value in before["state"].items() if not same(value, after["state"][key])), "")


def test_a_difference_is_seen(tmp_path: Path) -> None:
    """The comparison below is not blind: a rate that differs in its last bits, a loss with another reduction."""
    text = "import torch\ntorch.set_num_threads(1)\nmodel = torch.nn.Linear(3, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr={})\n"
    text += "loss = torch.nn.MSELoss(reduction='{}')\n"
    text += "for _ in range(3):\n    loss(model(torch.randn(1, 3)), torch.randn(1, 1)).backward()\n    optimizer.step()\n"
    files = []
    for number, (rate, reduction) in enumerate([(0.1, "mean"), (0.1, "mean"), (0.1000001, "mean"), (0.1, "sum")]):
        files.append(tmp_path / f"{number}.py")
        files[-1].write_text(text.format(rate, reduction))
    first, *others = trained(files, tmp_path / "out.pt")
    assert first["end"] == "ran to its end" and len(first["steps"]) == 3 and len(first["state"]) > 2
    assert [difference(first, other) for other in others] == ["", "parameters differ after step 1", "loss.reduction differs at the end"]


def test_cases_and_pages_and_examples(folder: Path) -> None:
    """Every file that safe fixes change has the same syntax tree afterwards, or runs as before with the same parameters."""
    pairs: list[tuple[str, Path, Path]] = []
    codes: set[str] = set()
    for path in (*(path for path in PATHS if has_fixes(path)), *EXAMPLES):
        before = copied(path, folder / "before" / name(path))
        after = folder / "after" / name(path)
        codes |= set(fixed(before, after))
        programs = {file: after / file.relative_to(before) for file in sorted(before.rglob("*")) if file.suffix in (".py", ".ipynb")}
        if all(one.read_bytes() == other.read_bytes() or tree_of(one) == tree_of(other) for one, other in programs.items()):
            continue  # nothing is fixed, or comments only
        pairs += [(f"{name(path)}: {one.name}", one, other) for one, other in programs.items()]
    assert codes >= {"RGL201", "RGL901"}
    befores = trained([before for _, before, _ in pairs], folder / "before.pt")
    afters = trained([after for _, _, after in pairs], folder / "after.pt")
    wrong = [f"{what}: {told}" for (what, _, _), *runs in zip(pairs, befores, afters, strict=True) if (told := difference(*runs))]
    assert not wrong
    steps = {what: len(record["steps"]) for (what, _, _), record in zip(pairs, befores, strict=True)}
    trains = (
        "RGL201-deprecated-reduction-argument/bad: bad.py",
        "RGL201/loss_in_another_file: train.py",
        "examples/blog_l2_dropout: diabetes.py",
    )
    assert [steps[what] for what in trains] == [1, 10, exact_run.STEPS]


def tree_of(path: Path) -> str:
    """The syntax tree of a program as text."""
    return ast.dump(ast.parse(exact_run.code_of(path)))


PRELUDE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


def train(measure):
    torch.manual_seed(0)
    model = nn.Linear(6, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        optimizer.zero_grad()
        out = model(torch.randn(8, 6))
        measure(out, torch.rand(8, 5)).sum().backward()
        optimizer.step()
"""
TARGETS = {
    "values": "rand",
    "class index": "rand.argmax(1)",
    "class index or probabilities": "rand.argmax(1)",
    "probabilities": "rand",
    "probabilities or logs": "rand.softmax(1)",
    "counts": "(3 * rand).round()",
    "±1": "2 * rand.round() - 1",
    "0 or 1": "rand.round()",
}
INPUTS = {
    "MarginRankingLoss": "out, rand, 2 * rand.round() - 1",
    "CosineEmbeddingLoss": "out, rand, 2 * rand[:, 0].round() - 1",
    "TripletMarginLoss": "out, rand, rand + 1",
    "MultiLabelMarginLoss": "out, torch.tensor([[0, 3, -1, 1, 2]] * 8)",
}
SCALES = {Scale.PROBABILITIES: "out.sigmoid()", Scale.LOG_PROBABILITIES: "out.log_softmax(1)"}


def inputs_of(fact: LossFact) -> str:
    """Tensors that a loss accepts, as they are written in its call."""
    cls = (fact.name if fact.is_class else fact.twin).rpartition(".")[2]
    return INPUTS.get(cls) or f"{SCALES.get(fact.expects, 'out')}, {TARGETS[fact.target]}"


def spellings(fact: LossFact) -> Iterator[str]:
    """All ways to give a loss the retired flags: by name, by position, with a word that agrees, and the retired word."""
    for average, reduce in itertools.product((None, True, False), repeat=2):
        if average is None and reduce is None:
            continue
        flags = [f"{key}={value}" for key, value in (("size_average", average), ("reduce", reduce)) if value is not None]
        yield ", ".join(flags)
        yield ", ".join([*reversed(flags), f'reduction="{reduction_of(average, reduce)}"'])
    for last, value in itertools.product(("size_average", "reduce"), (True, False)):
        position = fact.signature.position(last)
        assert position is not None
        before = [fact.signature.default(one.name) for at in range(fact.inputs, position) if (one := fact.signature.at(at)) is not None]
        yield ", ".join(map(repr, [*before, value]))
    if fact.name not in REFUSES_LEGACY_WORDS:
        yield 'reduction="elementwise_mean"'


def program_of(fact: LossFact) -> tuple[str, int]:
    """A program that trains once for every spelling, and how many there are."""
    cls, _, short = fact.name.rpartition(".")
    spelled = f"nn.{short}" if cls == "torch.nn" else f"F.{short}"
    text = [PRELUDE]
    ways = list(spellings(fact))
    for number, flags in enumerate(ways):
        call = f"{spelled}({flags})({inputs_of(fact)})" if fact.is_class else f"{spelled}({inputs_of(fact)}, {flags})"
        text.append(f"\n\ndef measure{number}(out, rand):\n    return {call}\n\n\ntrain(measure{number})\n")
    return "".join(text), len(ways)


def test_every_loss_with_every_spelling_of_its_flags(folder: Path) -> None:
    """The word that replaces the flags makes of each of torch's losses what the flags made of it."""
    facts = [fact for fact in LOSSES.values() if fact.legacy]
    before, after = folder / "before", folder / "after"
    before.mkdir()
    count = 0
    for fact in facts:
        text, ways = program_of(fact)
        (before / f"{fact.name.replace('.', '_')}.py").write_text(text)
        count += ways
    assert fixed(before, after) == ("RGL201",) * count
    files = sorted(before.glob("*.py"))
    assert not any("size_average" in file.read_text() or "elementwise_mean" in file.read_text() for file in after.glob("*.py"))
    befores = trained(files, folder / "before.pt")
    afters = trained([after / file.name for file in files], folder / "after.pt")
    assert {record["end"] for record in befores} == {"ran to its end"}
    assert sum(len(record["steps"]) for record in befores) == 3 * count
    assert not [f"{file.stem}: {told}" for file, *runs in zip(files, befores, afters, strict=True) if (told := difference(*runs))]
