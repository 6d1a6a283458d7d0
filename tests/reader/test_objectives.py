# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""The split of the objective: predicted forms and coefficients against the gradients that autograd gives."""

from __future__ import annotations

import pytest

from reglint.step.model import Penalty, PenaltyForm, Reduction
from tests.reader.reading import Read

torch = pytest.importorskip("torch")
HEADER = """import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
first = nn.Parameter(torch.randn(3, 4))
x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
opt = torch.optim.SGD([*model.parameters(), first], lr=0.1)
data = F.cross_entropy(model(x), y)
"""
STEP = "\nloss.backward()\nopt.step()\n"
# name: (program that makes `loss` from `data`, form, coefficient of the form or None where it is not known from the text)
PENALTIES = {
    "loop of squared norms": ("reg = 0.\nfor p in model.parameters():\n    reg += torch.norm(p) ** 2\nloss = data + 0.01 * reg", "l2", 0.01),
    "loop from a tensor": ("reg = torch.tensor(0.)\nfor p in model.parameters():\n    reg = reg + p.norm(2) ** 2\nloss = data + 0.01 * reg", "l2", 0.01),
    "half": ("loss = data + 0.5 * 0.02 * sum(p.pow(2).sum() for p in model.parameters())", "l2", 0.01),
    "generator": ("loss = data + 0.02 * sum((p ** 2).sum() for p in model.parameters())", "l2", 0.02),
    "list": ("loss = data + 0.02 * sum([torch.sum(p * p) for p in model.parameters()])", "l2", 0.02),
    "square": ("loss = data + sum(torch.square(p).sum() for p in model.parameters()) * 3e-3", "l2", 3e-3),
    "weights only": ("loss = data + 0.02 * sum(p.pow(2).sum() for n, p in model.named_parameters() if 'weight' in n)", "l2", 0.02),
    "norms": ("loss = data + 0.02 * sum(p.norm() for p in model.parameters())", "norm", 0.02),
    "norms of order 2": ("loss = data + 0.02 * sum(torch.linalg.norm(p) for p in model.parameters())", "norm", 0.02),
    "one norm each": ("loss = data + 0.1 * model[0].weight.norm() + 0.1 * model[2].weight.norm()", "norm", 0.1),
    "absolute": ("loss = data + 1e-3 * sum(p.abs().sum() for p in model.parameters())", "l1", 1e-3),
    "absolute of order 1": ("loss = data + 1e-3 * sum(torch.norm(p, 1) for p in model.parameters())", "l1", 1e-3),
    "order by keyword": ("loss = data + 1e-3 * sum(torch.norm(p, p=1) for p in model.parameters())", "l1", 1e-3),
    "stacked": ("loss = data + 0.01 * torch.stack([p.pow(2).sum() for p in model.parameters()]).sum()", "l2", 0.01),
    "divided": ("loss = data + sum(p.pow(2).sum() for p in model.parameters()) / 50", "l2", 0.02),
    "subtracted": ("loss = data - (-0.01) * sum(p.pow(2).sum() for p in model.parameters())", "l2", 0.01),
    "scaled as a whole": ("loss = 0.5 * (data + 0.04 * sum(p.pow(2).sum() for p in model.parameters()))", "l2", 0.02),
    "weighted mix": ("a = 0.3\nloss = (1 - a) * data + a * sum(p.pow(2).sum() for p in model.parameters())", "l2", 0.3),
    "in place": ("loss = data * 1\nloss += 0.01 * sum(p.pow(2).sum() for p in model.parameters())", "l2", 0.01),
    "function": ("def l2(m, c=0.01):\n    r = 0\n    for p in m.parameters():\n        r = r + p.pow(2).sum()\n    return c * r\nloss = data + l2(model)", "l2", 0.01),
    "function twice": ("def l2(w):\n    return w.pow(2).sum()\nloss = data + 0.1 * l2(model[0].weight) + 0.1 * l2(model[2].weight)", "l2", 0.1),
    "one parameter": ("loss = data + 0.7 * first.pow(2).sum()", "l2", 0.7),
    "dot": ("loss = data + 0.7 * torch.dot(first.flatten(), first.flatten())", "l2", 0.7),
    "mean of squares": ("loss = data + 0.6 * first.pow(2).mean()", "other", None),
    "root of squares": ("loss = data + 0.6 * first.pow(2).sum().sqrt()", "norm", 0.6),
    "power of one half": ("loss = data + 0.6 * first.pow(2).sum() ** 0.5", None, None),
    "cube": ("loss = data + 0.6 * first.norm() ** 3", None, None),
    "order three": ("loss = data + 0.6 * first.norm(3)", "other", None),
    "by rows": ("loss = data + 0.6 * first.norm(dim=1).sum()", "other", None),
    "by rows squared": ("loss = data + 0.6 * (first.norm(dim=1) ** 2).sum()", None, None),
    "two in a product": ("loss = data + 0.1 * (first.pow(2).sum() * model[0].weight.pow(2).sum())", None, None),
    "sum of two squared": ("loss = data + 0.1 * (first + model[0].weight).pow(2).sum()", None, None),
    "towards one": ("loss = data + 0.1 * (first - 1).pow(2).sum()", None, None),
    "shifted norm": ("loss = data + 0.1 * torch.norm(first - 1)", None, None),
    "sum of norms squared": ("loss = data + 0.1 * sum(p.norm() for p in model.parameters()) ** 2", None, None),
    "clamped": ("loss = data + 0.1 * first.pow(2).sum().clamp(max=1)", None, None),
    "exponential": ("loss = data + 0.1 * torch.exp(first.pow(2).sum())", None, None),
    "inverse": ("loss = data + 0.1 / first.pow(2).sum()", None, None),
    "orthogonal": ("loss = data + 0.1 * (first @ first.t() - torch.eye(3)).pow(2).sum()", None, None),
    "spectral": ("loss = data + 0.1 * torch.linalg.norm(first, 2)", None, None),
    "nuclear": ("loss = data + 0.1 * torch.norm(first, p='nuc')", None, None),
    "largest": ("loss = data + 0.1 * torch.norm(first, float('inf'))", None, None),
    "masked": ("loss = data + 0.1 * (first * (first > 0)).pow(2).sum()", None, None),
    "by item": ("loss = data + 0.1 * first[0].pow(2).sum()", None, None),
    "variance": ("loss = data + 0.1 * first.var()", None, None),
    "frozen part": ("model[0].weight.requires_grad = False\nloss = data + 0.1 * sum(p.pow(2).sum() for p in model.parameters() if p.requires_grad)", "l2", 0.1),
    "mse to zero": ("loss = data + 0.1 * F.mse_loss(first, torch.zeros_like(first), reduction='sum')", None, None),
    "einsum": ("loss = data + 0.1 * torch.einsum('ij,ij->', first, first)", None, None),
    "repeated": ("loss = data\nfor i in range(3):\n    loss = loss + 0.1 * first.pow(2).sum()", None, None),
    "in many passes": ("loss = data\nfor i in range(20):\n    loss = loss + 0.1 * first.pow(2).sum()", None, None),
    "accumulated coefficient": ("c = 0.\nfor i in range(20):\n    c += 0.1\nloss = data + c * first.pow(2).sum()", None, None),
    "over layers": ("reg = 0\nfor i in [0, 2]:\n    reg += model[i].weight.pow(2).sum()\nloss = data + 0.2 * reg", "l2", 0.2),
    "over modules": ("reg = 0\nfor m in model:\n    if isinstance(m, nn.Linear):\n        reg += (m.weight ** 2).sum()\nloss = data + 0.2 * reg", "l2", 0.2),
    "per sample": ("each = F.cross_entropy(model(x), y, reduction='none')\nloss = (each + 0.01 * first.pow(2).sum()).mean()", "l2", 0.01),
    "per sample summed": ("each = F.cross_entropy(model(x), y, reduction='none')\nloss = (each + 0.01 * first.pow(2).sum()).sum()", "l2", None),
    "per sample summed and divided": ("each = F.cross_entropy(model(x), y, reduction='none')\nloss = (each + 0.01 * first.pow(2).sum()).sum() / len(x)", "l2", 0.01),
    "per sample weighted": ("each = F.cross_entropy(model(x), y, reduction='none')\nloss = (0.5 * each + 0.01 * first.pow(2).sum()).mean()", "l2", 0.01),
    "vector": ("loss = data + 0.01 * nn.utils.parameters_to_vector(model.parameters()).pow(2).sum()", "l2", 0.01),
    "vector's norm": ("loss = data + 0.01 * nn.utils.parameters_to_vector(model.parameters()).norm()", None, None),
    "concatenated": ("loss = data + 0.01 * torch.cat([p.view(-1) for p in model.parameters()]).pow(2).sum()", "l2", 0.01),
    "concatenated norm": ("loss = data + 0.01 * torch.cat([p.view(-1) for p in model.parameters()]).norm()", None, None),
    "concatenated absolute": ("loss = data + 0.01 * torch.cat([p.view(-1) for p in model.parameters()]).abs().sum()", "l1", 0.01),
}  # fmt: skip


JOINT = ("vector's norm", "concatenated norm")


def expected(form: PenaltyForm, coefficient: float, weight: object, whole: object) -> object:
    """The gradient of c·form(w) with respect to w; a norm of several parameters at once is that of `whole`."""
    match form:
        case PenaltyForm.L2:
            return 2 * coefficient * weight  # type: ignore[operator]
        case PenaltyForm.NORM:
            return coefficient * weight / whole.norm()  # type: ignore[attr-defined]
        case _:
            return coefficient * weight.sign()  # type: ignore[attr-defined]


def gradients(program: str) -> tuple[list[object], list[object], object]:
    """All parameters of the program, and the gradient of `loss - data` with respect to each; then the scope."""
    scope: dict[str, object] = {}
    exec(compile(HEADER + program, "main.py", "exec"), scope)
    parameters = [*scope["model"].parameters(), scope["first"]]  # type: ignore[attr-defined]
    wanted = [p for p in parameters if p.requires_grad]
    grads = torch.autograd.grad(scope["loss"], wanted, allow_unused=True, retain_graph=True)
    factor = 1.0
    plain = torch.autograd.grad(scope["data"], wanted, allow_unused=True)
    return wanted, [(g, d, factor) for g, d in zip(grads, plain, strict=True)], scope


def _claim(penalties: tuple[Penalty, ...], index: int, read_members: dict[int, int]) -> list[Penalty]:
    return [p for p in penalties if p.over.members is not None and any(read_members.get(q.uid) == index for q in p.over.members)]


@pytest.mark.parametrize("name", PENALTIES)
def test_penalties(name: str, read: Read) -> None:
    """What is predicted of a penalty gives, parameter by parameter, the gradient that autograd gives."""
    program, form, coefficient = PENALTIES[name]
    found = read(HEADER + program + STEP)
    penalties = found.objective.penalties
    if form is not None:
        assert {str(p.form) for p in penalties} == {form}
    if coefficient is not None:
        assert {round(p.coefficient.value or 0, 12) for p in penalties} == {coefficient}
    order = {p.uid: i for i, p in enumerate(q for g in found.optimizers[0].groups for q in g.params.members or ())}
    wanted, pairs, scope = gradients(program)
    everything = [*scope["model"].parameters(), scope["first"]]  # type: ignore[index]
    data_scale = next((t.scale.value for t in found.objective.data if t.scale.value is not None), 1.0)
    data_scale *= len(scope["x"]) if any(t.reduction is Reduction.SUM for t in found.objective.data) else 1  # type: ignore[arg-type]
    for parameter, (grad, plain, _) in zip(wanted, pairs, strict=True):
        index = next(i for i, one in enumerate(everything) if one is parameter)
        mine = _claim(penalties, index, order)
        if any(p.form is PenaltyForm.OTHER or not p.centred or p.coefficient.value is None for p in mine) or found.objective.unknown:
            continue  # nothing is claimed of its size
        own = parameter.detach()
        whole = torch.cat([p.detach().flatten() for p in scope["model"].parameters()]) if name in JOINT else own  # type: ignore[index]
        total = sum((expected(p.form, p.coefficient.value or 0.0, own, whole) for p in mine), torch.zeros_like(own))
        real = (grad if grad is not None else 0) - (data_scale * plain if plain is not None else 0)
        same = torch.allclose(torch.as_tensor(real) + torch.zeros_like(total), total, atol=1e-5)
        assert same, [(p.form, p.coefficient.value) for p in mine]
