"""The five pages that reglint has to explain, item by item: S0 and S1 a question about decay, S2 answers about L1 and L2,
S3 a blog about L2 and dropout, S4 the forum of a book. The programs stand in examples/; an item that is right is silent."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from harness import Case, Got, lint

import reglint
from reglint.checks import all_rules
from reglint.dev import ROOT

EXAMPLES = ROOT / "examples"
BUILT = frozenset(rule.code for rule in all_rules())
TORCH_SIDE = "qa_regularization/torch_logistic.py"
TOY = "qa_regularization/toy_linear.py"
LAYER = "qa_l1_l2/l1_layer.py"
GUARDED = "qa_l1_l2/l1_layer_guarded.py"
DIABETES = "blog_l2_dropout/diabetes.py"
CONCISE = "d2l_weight_decay/concise.py"
SCRATCH = "d2l_weight_decay/scratch.py"
GROUPS = ("trainer = torch.optim.SGD", '{"params": net[0].weight')


@dataclass(frozen=True)
class Item:
    """A behaviour of a page: `code` on one of the lines that contain `needles`, after `change` (old, new) if there is one."""

    id: str
    file: str
    code: str
    needles: tuple[str, ...] = ()
    level: str = ""
    text: str = ""
    change: tuple[str, str] | None = None


FOUND = [
    Item("S0.2", TORCH_SIDE, "RGL102", ("optimizer = torch.optim.SGD",), "note", "bias"),
    Item("S0.14", TOY, "RGL102", ("optimizer = optim.SGD",), "note", "bias"),
    Item("S0.18", "qa_regularization/toy_adam.py", "RGL107", ("optimizer = torch.optim.Adam",), "warning"),
    Item("S2.2", "qa_l1_l2/adam_weight_decay.py", "RGL107", ("optimizer = torch.optim.Adam(",), "note", "1e-5"),
    Item("S2.3", "qa_l1_l2/adam_weight_decay.py", "RGL107", ("optimizer = torch.optim.Adagrad(",), "note"),
    Item("S2.7", "qa_l1_l2/l2_by_norm.py", "RGL103", ("l2_reg += torch.norm(param)",), "warning"),
    Item("S2.12", LAYER, "RGL105", ("param.grad = self.regularize(param)",), "error"),
    Item("S2.19", "qa_l1_l2/penalties_by_hand.py", "RGL112", ("l2_norm = sum(", "loss = loss + l2_lambda"), "note", "0.002"),
    Item("S3.1", DIABETES, "RGL201", ("BCELoss(size_average=True)",), "warning", "mean"),
    Item("S3.3", DIABETES, "RGL107", ("optimizer = torch.optim.Adam(",), "warning", "0.1"),
    Item("S3.4", DIABETES, "RGL301", ('print("predict"',), "warning"),
    Item("S4.1-adamw", CONCISE, "RGL108", ('{"params": net[0].bias}',), "warning", "0.01", ("optim.SGD", "optim.AdamW")),
    Item("S4.3", CONCISE, "RGL111", GROUPS, "note", "0.12", ("train_concise(3)", "train_concise(40)")),
    Item("S4.5-flips", CONCISE, "RGL111", GROUPS, "warning", "1.8", ("train_concise(3)", "train_concise(600)")),
    Item("S4.5-explodes", CONCISE, "RGL111", GROUPS, "error", "2.1", ("train_concise(3)", "train_concise(700)")),
    Item("S4.7-mean", SCRATCH, "RGL204", ("l.mean().backward()",), "warning", "", ("l.sum().backward()", "l.mean().backward()")),
    Item("S4.9", SCRATCH, "RGL112", ("l = loss(net(X), y) + lambd", "torch.sum(w.pow(2)) / 2"), "note"),
]

SILENT = [
    Item("S0.6", "qa_regularization/scratch_logistic.py", "RGL102"),
    Item("S0.7-cleared-after-the-step", TORCH_SIDE, "RGL401"),
    Item("S0.7-not-discarded", TORCH_SIDE, "RGL402"),
    Item("S0.8", TORCH_SIDE, "RGL206"),
    Item("S0.12", TOY, "RGL107"),
    Item("S0.13", "qa_regularization/scratch_logistic_fixed.py", "RGL106"),
    Item("S2.4", "qa_l1_l2/l1_weights_only.py", "RGL104"),
    Item("S2.5", "qa_l1_l2/l1_weights_only.py", "RGL103"),
    Item("S2.9", "qa_l1_l2/l2_by_norm.py", "RGL102"),  # RGL102 is about weight_decay, not about penalties
    Item("S2.11", "qa_l1_l2/penalties_by_hand.py", "RGL101"),
    Item("S2.17", "qa_l1_l2/penalties_by_hand.py", "RGL103"),
    Item("S3.10", "blog_l2_dropout/l1_and_l2.py", "RGL102", ("optimizer = torch.optim.SGD(model.parameters(), lr=0.1)",)),
    Item("S3.13-restored", "blog_l2_dropout/overfitting.py", "RGL303"),
    Item("S3.13-evaluated", "blog_l2_dropout/overfitting.py", "RGL301"),
    Item("S3.15", "blog_l2_dropout/numpy_dropout.py", "RGL306"),
    Item("S3.16", "blog_l2_dropout/l1_and_l2.py", "RGL111"),
    Item("S4.1", CONCISE, "RGL108"),
    Item("S4.1-bias", CONCISE, "RGL102"),
    Item("S4.4", CONCISE, "RGL111"),
    Item("S4.7-sum", SCRATCH, "RGL204"),
    Item("S4.7-unreduced", CONCISE, "RGL204"),
    Item("S4.7-criterion", "d2l_weight_decay/regression.py", "RGL204"),
    Item("S4.8", SCRATCH, "RGL401"),
]

BROKEN = {
    "S0.16": "optimizer = torch.optim.SGD(model.parameters(), lr, weight_decay=lambda)",
    "S2.8": "lambda = torch.tensor(1.)",
    "S3.15": "def predict(X):\nH1 = np.maximum(0, np.dot(W1, X) + b1) * p",
    "S4.11-quotes": "loss = nn.MSELoss(reduction=‘none’)",
    "S4.11-stars": "**loss = nn.MSELoss()**",
}


@cache
def findings(project: Path) -> list[Got]:
    """What all rules say about a project."""
    return lint(Case(project))


def about(item: Item, project: Path) -> list[Got]:
    """The findings of the item's rule in its file, on its lines if it names any."""
    path = project / Path(item.file).name
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = {row for row, line in enumerate(lines, 1) if any(needle in line for needle in item.needles)}
    assert rows or not item.needles, f"{item.file} has changed: {item.needles}"
    found = [got for got in findings(project) if got.code == item.code and got.line.path == path.as_posix()]
    return [got for got in found if not item.needles or got.line.row in rows]


@pytest.mark.parametrize("item", [item for item in FOUND if item.code in BUILT], ids=lambda item: item.id)
def test_item_is_reported(item: Item, tmp_path: Path) -> None:
    """The mistake of the page is found where it is made, with its level and its number."""
    project = (EXAMPLES / item.file).parent
    if item.change is not None:
        project = Path(shutil.copytree(project, tmp_path / project.name))
        path = project / Path(item.file).name
        text = path.read_text(encoding="utf-8")
        assert item.change[0] in text
        path.write_text(text.replace(*item.change), encoding="utf-8")
    found = about(item, project)
    assert [got for got in found if item.level in ("", got.level) and item.text in got.message], found


@pytest.mark.parametrize("item", SILENT, ids=lambda item: item.id)
def test_item_is_silent(item: Item) -> None:
    """What the page does right is left alone."""
    assert about(item, (EXAMPLES / item.file).parent) == []


@pytest.mark.skipif(not {"RGL104", "RGL105"} <= BUILT, reason="the rules about penalties in hooks are not there")
def test_item_is_reported_s2_13() -> None:
    """S2.13: with the guard that the page calls safer, the hook's penalty never reaches the later layers; either rule may say so."""
    needles = ("param.grad = self.regularize(param)",)
    project = (EXAMPLES / GUARDED).parent
    assert any(about(Item("S2.13", GUARDED, code, needles), project) for code in ("RGL104", "RGL105"))


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_item_does_not_parse(text: str, tmp_path: Path) -> None:
    """Code that the page has lost to its formatting is named, not skipped."""
    path = tmp_path / "page.py"
    path.write_text(f"import torch\nfrom torch import nn\n\n{text}\nloss.backward()\noptimizer.step()\n", encoding="utf-8")
    assert [got.code for got in lint(Case(path))] == ["RGL900"]


def test_item_is_predicted_s0_12() -> None:
    """S0.12: the step of the answer is predicted with its learning rate and its coupled decay, bias included."""
    (step,) = reglint.predict([EXAMPLES / TOY])
    (group,) = step.optimizer.groups
    assert (group.options["lr"].value, group.options["weight_decay"].value, group.decay.value) == (0.1, 1.0, "coupled")
    assert group.params.members is not None
    assert sorted(p.name for p in group.params.members) == ["linear.bias", "linear.weight"]


def test_item_is_predicted_s2_11() -> None:
    """S2.11: weight_decay in SGD is λ·w added to the gradient, and SGD without lr has 0.001."""
    steps = reglint.predict([EXAMPLES / "qa_l1_l2/penalties_by_hand.py"])
    rates = {group.options["lr"].value: group.decay.value for step in steps for group in step.optimizer.groups}
    assert rates[0.001] == "coupled"
